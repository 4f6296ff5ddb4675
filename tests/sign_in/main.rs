//! The whole sign-in against a real OpenID provider, over real connections: from the login route to a session and
//! out again, and what an attacker might send instead.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

mod access_token;
mod backchannel_logout;
mod callback;
mod failing_store;
mod forged_transactions;
mod login;
mod login_hook;
mod login_step_up;
mod logout;
mod logout_meanwhile;
mod organization;
mod pages;
mod paths;
mod profile;
mod pushed;
mod return_to;
mod standards;
mod step_up_as_another;
mod store;
mod transactions;
mod world;
