//! Which of a session's tokens fits a request.

use std::collections::BTreeSet;

use crate::session::{Session, TokenSet};

/// The token set of the sign-in when it covers `audience` and `scope`; else the additional token for that audience
/// that covers `scope` with the fewest scopes, the first of several (least privilege, RFC 9700 §2.3).
pub(super) fn select<'s>(session: &'s Session, audience: Option<&str>, scope: &str) -> Option<TokenSet<'s>> {
    let signed_in = session.token_set();
    let is_global = audience.is_none_or(|audience| signed_in.audience().is_some_and(|own| own == audience));
    if is_global && covers(&signed_in, scope) {
        return Some(signed_in);
    }
    let audience = audience?;
    let candidates = session
        .additional_tokens()
        .into_iter()
        .filter(|token| token.audience().is_some_and(|own| own == audience) && covers(token, scope));
    candidates.min_by_key(|token| scopes(&token.scope().unwrap_or_default()).len())
}

/// Whether the token was asked for with every scope in `scope`. An empty `scope` asks for nothing in particular.
fn covers(token: &TokenSet<'_>, scope: &str) -> bool {
    let own = token.requested_scope().or_else(|| token.scope()).unwrap_or_default();
    scopes(scope).is_subset(&scopes(&own))
}

fn scopes(text: &str) -> BTreeSet<String> {
    text.split(' ').filter(|scope| !scope.is_empty()).map(str::to_owned).collect()
}
