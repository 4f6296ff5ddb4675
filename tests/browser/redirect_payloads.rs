//! Prints the places to return to that lead elsewhere, as JSON, for the browser to judge where a sign-in ends.

#![expect(clippy::print_stdout, clippy::expect_used, reason = "a program whose output is read by a test")]

fn main() {
    let host = std::env::args().nth(1).expect("the host of the application");
    let payloads = auth_tests::redirect_payloads(&host);
    println!("{}", serde_json::to_string(&payloads).expect("text"));
}
