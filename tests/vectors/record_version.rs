//! Prints what this version writes into browsers and stores, as JSON, for the next version to read. The text says of
//! itself when to record it.

#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a program of ours whose output is read by a test"
)]

mod deployment;
mod recorded;
mod recording;

/// Below the ports that operating systems give away by themselves, so that the test which needs it again finds it free.
const PORT: u16 = 20_417;

#[tokio::main]
async fn main() {
    let version = std::env::args().nth(1).expect("the version, or the commit, that this is");
    let recorded = recording::record(&version, PORT).await;
    println!("{}", serde_json::to_string_pretty(&recorded).expect("text"));
}
