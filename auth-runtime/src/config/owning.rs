//! The check of an owner's settings: its input beside these settings, and its result.

use super::origin::Origin;
use super::owner::Owner;
use super::routes::RoutePaths;
use crate::refresh::Refresher;
use crate::session::Lifetime;
use crate::time::Clock;

/// The settings of other subjects that an owner's settings are checked against.
pub(super) struct ServiceContext<'a> {
    pub(super) domain: Option<&'a str>,
    /// `None` where there is no base URL, or a wrong one.
    pub(super) base_url: Option<Origin>,
    pub(super) paths: &'a RoutePaths,
    /// The path of the session cookie.
    pub(super) cookie_path: &'a str,
    pub(super) lifetime: Lifetime,
    pub(super) verify_only: bool,
    pub(super) allow_insecure: bool,
    /// True if a session can be ended without its browser.
    pub(super) can_end_from_afar: bool,
    pub(super) clock: &'a Clock,
}

/// The parts that only a service that owns its sessions has, checked.
pub(super) struct Owning {
    pub(super) owner: Owner,
    pub(super) refresher: Refresher,
}
