//! The refusals: the rule that a request broke, and the response that names the rule and not the reason.

mod accept;
mod by_handler;
mod cache_headers;
mod challenge;
mod form;
mod kind;
mod log;
mod refusal;
mod rejection;
mod style;

pub use self::kind::RejectionKind;
pub use self::rejection::Rejection;

pub(crate) use self::accept::accepts;
pub(crate) use self::by_handler::{respond_unstyled, style_marked};
pub(crate) use self::cache_headers::{forbid_caching, set_cache_control};
pub(crate) use self::challenge::{Realm, space_delimited};
pub(crate) use self::form::Form;
pub(crate) use self::log::{
    log_changed_identity, log_cross_site, log_missing_value, log_policy_error, log_refusal, log_rejection,
    log_store_error, log_token_not_sent, log_unguarded_session,
};
pub(crate) use self::log::{log_refused_logout_token, log_sign_in_failure, log_unchecked_logout_token};
#[cfg(feature = "utoipa")]
pub(crate) use self::refusal::PROBLEM_JSON;
pub(crate) use self::refusal::{JSON, Refusal, error_members};
pub(crate) use self::style::{RejectionHook, RejectionStyle};
