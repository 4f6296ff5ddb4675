//! An extractor of the application that is named like what axum hands to middleware.

use auth_runtime::{public, with_api_auth_required};

struct Next;

struct Response(u8);

#[with_api_auth_required]
async fn guarded(next: Next) {
    let Next = next;
}

#[public]
async fn open(Response(number): Response) -> String {
    number.to_string()
}

fn main() {}
