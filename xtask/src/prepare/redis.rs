//! The program of Redis, which the tests of session stores start as often as they need it.

use super::debian;
use crate::invocation::Invocation;
use crate::layout::Layout;

/// The oldest major version that takes the tests' settings: the port of a cluster's bus among them.
const OLDEST: u32 = 7;

/// A server that runs already, such as the one that Debian's package may start, is neither needed nor touched.
pub(super) fn prepare(layout: &Layout) -> Result<(), String> {
    if suffices(layout) {
        return Ok(());
    }
    debian::install("redis-server procps openssl", layout);
    if suffices(layout) {
        Ok(())
    } else {
        Err(format!(
            "install redis-server {OLDEST} or newer, ps and openssl (Debian: redis-server, procps, openssl)"
        ))
    }
}

fn suffices(layout: &Layout) -> bool {
    let answer = Invocation::of("redis-server --version").answer(layout);
    println!("{}", answer.as_deref().unwrap_or("redis-server is missing"));
    let is_new = answer.as_deref().and_then(major).is_some_and(|major| major >= OLDEST);
    // The tests also look at processes, and make certificates.
    is_new && ["which ps", "which openssl"].iter().all(|line| Invocation::of(line).answer(layout).is_some())
}

/// Of `Redis server v=7.0.15 sha=…`.
fn major(answer: &str) -> Option<u32> {
    let (_, version) = answer.split_once(" v=")?;
    version.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_read_as_redis_tells_it() {
        assert_eq!(major("Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64"), Some(7));
        assert_eq!(major("Redis server v=10.2.0 sha=0"), Some(10));
        assert_eq!(major("command not found"), None);
    }
}
