//! Policies with other answers than a decision.

use auth_runtime::policy::{Decision, policy};

#[policy]
async fn yes_or_no() -> bool {
    true
}

#[policy]
async fn yes_or_error() -> Result<bool, std::io::Error> {
    Ok(true)
}

#[policy]
async fn error_of_no_kind() -> Result<Decision, u8> {
    Ok(Decision::Deny)
}

#[policy]
async fn says_nothing() {}

fn main() {}
