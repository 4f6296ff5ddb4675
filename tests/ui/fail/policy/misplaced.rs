//! `#[policy]` where no policy can stand, and on functions that cannot be one.

use auth_runtime::policy::{Decision, policy};
use auth_runtime::{Session, with_api_auth_required};
use axum::extract::FromRequestParts;

#[policy]
struct Members;

impl Members {
    #[policy]
    async fn of(self) -> Decision {
        Decision::Deny
    }
}

#[with_api_auth_required]
mod guarded {
    #[auth_runtime::policy::policy]
    async fn forgotten_helper() -> auth_runtime::policy::Decision {
        auth_runtime::policy::Decision::Deny
    }
}

#[policy]
async fn borrows(_: &Session) -> Decision {
    Decision::Deny
}

#[policy]
async fn lives<'a>(_: &'a str) -> Decision {
    Decision::Deny
}

#[policy]
async fn nameless(_: impl FromRequestParts<()>) -> Decision {
    Decision::Deny
}

#[policy(state = Auth)]
async unsafe fn says_too_much(#[cfg(all())] _: Session) -> Decision {
    Decision::Deny
}

fn main() {}
