//! Proves that sessions mean here what they mean to the npm package nextjs-auth0: its cookies are read to the
//! session that it reads, our cookies carry the attributes that it writes and leave the same jar behind, and both
//! derive the same keys from a secret.
//!
//! `nextjs-auth0.json` says how it was made and how it is to be read. Where it marks a vector as not strict, the
//! package does something that we do not, and `recommended` is ours.
//!
//! `previous_version.json` is what the version before this one wrote: this one has to read it (`upgrade`), and to write
//! what that one reads (`rollback`).

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "every function here belongs to a test, and failing is how a test speaks"
)]

mod crypto;
mod deployment;
mod file;
mod reading;
mod recorded;
mod recording;
mod rollback;
mod shape;
mod upgrade;
mod writing;

use file::Vectors;

/// Runs `check` on every vector and reports all that fail at once.
fn check_all<T>(vectors: &[T], name: impl Fn(&T) -> &str, check: impl Fn(&T) -> Result<(), String>) {
    let failures: Vec<_> = vectors
        .iter()
        .filter_map(|vector| check(vector).err().map(|failure| format!("{}: {failure}", name(vector))))
        .collect();
    assert!(failures.is_empty(), "{} of {} failed:\n{}", failures.len(), vectors.len(), failures.join("\n"));
}

#[test]
fn no_vector_is_missing() {
    let vectors = Vectors::load();
    assert_eq!(vectors.read.len(), 50);
    assert_eq!(vectors.write.len(), 10);
    assert_eq!(vectors.crypto.len(), 3);
    assert_eq!(vectors.read.iter().filter(|vector| !vector.strict).count(), 2);
}

#[test]
fn every_cookie_is_read_to_the_session_that_the_package_reads() {
    check_all(&Vectors::load().read, |vector| &vector.name, reading::check);
}

#[test]
fn every_write_leaves_the_cookies_that_the_package_leaves() {
    check_all(&Vectors::load().write, |vector| &vector.name, writing::check);
}

#[test]
fn every_key_and_container_is_that_of_the_package() {
    check_all(&Vectors::load().crypto, |vector| &vector.name, crypto::check);
}
