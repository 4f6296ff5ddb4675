//! What compiles with the attribute, and what the compiler says when it does not.
//!
//! The messages beside the failing cases are those of the pinned toolchain. After a change that is meant to alter them:
//! `TRYBUILD=overwrite cargo test -p auth-tests --test ui`, then read the difference as a user would.

#[test]
fn every_case_compiles_or_fails_as_recorded() {
    let cases = trybuild::TestCases::new();
    cases.pass("ui/pass/**/*.rs");
    cases.compile_fail("ui/fail/**/*.rs");
}
