//! The compiler's messages on mistakes with the attribute. Cases that compile are in `compiles/`.
//!
//! The messages beside the cases are those of the pinned toolchain. After a change that is meant to alter them:
//! `TRYBUILD=overwrite cargo test -p auth-tests --test ui`, then read the difference as a user would.
//!
//! Without a case that passes, all are checked by one run of cargo, side by side.

#[test]
fn every_mistake_is_refused_as_recorded() {
    trybuild::TestCases::new().compile_fail("ui/fail/**/*.rs");
}
