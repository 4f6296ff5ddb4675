//! Servers that fail in every way, and an application in front of them: every fault at every operation.
//!
//! The faults are data ([`table`]); how a server is made to have them is its own affair ([`redis`], [`postgres`]). Each
//! operation is a request to an instance of its own, which is as far as the store when the fault begins ([`trial`]). All
//! are judged by the same rules: whoever is signed in is never taken for nobody ([`judge`]), what was answered as done is
//! done, and when the fault is over the same instance works ([`aftermath`]).

mod aftermath;
mod judge;
mod matrix;
mod postgres;
mod redis;
mod report;
mod table;
mod target;
mod trial;
