//! Snapshots of what the attribute writes. `BLESS=1 cargo test -p auth-macros` writes them anew.

mod documentation;
mod expansions;
mod messages;
mod snapshot;
mod targets;
