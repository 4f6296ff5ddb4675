//! A function that was meant as a policy, without the attribute.

use auth_runtime::policy::Decision;
use auth_runtime::with_api_auth_required;

async fn decides() -> Decision {
    Decision::Deny
}

#[with_api_auth_required(policy = decides)]
async fn handler() -> String {
    user.sub().to_string()
}

fn main() {}
