//! The demands of a handler on the session, and the judgement whether a session meets them.
//!
//! A handler names its demands in `#[with_api_auth_required(..)]`. The guard judges them after the session was read and
//! before any other extractor runs: first the rights, in the order written; then how and when the user signed in; then
//! the application's own policies. The first demand that is not met decides the answer, see
//! [`RejectionKind`](crate::RejectionKind).
//!
//! What the session does not say meets neither a requirement nor its opposite: a claim that is missing, that has
//! another form than expected, or that is in a token that cannot be read. `not(roles("banned"))` refuses a session that
//! has no roles at all. There is one exception: a session without `org_id` is known to belong to no organization.
//!
//! [`ClaimSources`] says, and sets, where each datum is taken from.

mod decide;
mod display;
mod error;
mod evaluate;
#[cfg(test)]
mod evaluate_tests;
mod function;
mod handover;
mod requirement;
mod sources;
mod step_up;

#[cfg(feature = "macros")]
pub use auth_macros::policy;

pub use self::decide::{Decided, Decision, Loads, Policies, Policy};
pub use self::error::PolicyError;
#[doc(hidden)]
pub use self::function::{PolicyAnswer, PolicyParameter};
pub use self::handover::Permitted;
#[doc(hidden)]
pub use self::handover::{Behind, Dropped, ExactlyOneLoads, HandedTo, Here, Recipient};
pub use self::requirement::{ClaimValue, Protection, Requirement};
pub use self::sources::{ClaimSource, ClaimSources};
pub use self::step_up::StepUp;

pub(crate) use self::evaluate::{Refused, evaluate};
pub(crate) use self::handover::take;
