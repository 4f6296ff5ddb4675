//! Mistakes in the body are reported in the body.

use auth_runtime::with_api_auth_required;

#[with_api_auth_required]
async fn mismatched() -> String {
    3
}

#[with_api_auth_required]
async fn semicolon() -> u8 {
    3;
}

#[with_api_auth_required]
async fn question_mark() -> u8 {
    "3".parse()?
}

#[with_api_auth_required]
async fn unknown() -> String {
    nobody.sub().to_string()
}

fn main() {}
