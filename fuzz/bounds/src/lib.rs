//! Inputs from outside, each as large as the code still takes it and made to cost as much as it can, with the call that
//! takes it. What a call may cost is in `benches/bounds.rs`.

#![cfg(fuzzing)]

mod call;
#[expect(dead_code, unreachable_pub, reason = "the tests use all of it")]
#[path = "../../../tests/src/containers.rs"]
mod containers;
#[expect(unreachable_pub, reason = "the benchmarks use all of it")]
#[path = "../../../tests/benches/src/garbage.rs"]
mod garbage;
#[path = "../../src/provider.rs"]
mod provider;
#[expect(dead_code, reason = "the fuzz targets use all of it")]
#[path = "../../src/reference.rs"]
mod reference;
#[path = "../../src/service.rs"]
mod service;
#[expect(dead_code, unreachable_pub, reason = "the benchmarks use all of it")]
#[path = "../../../tests/benches/src/session.rs"]
mod session;
mod shapes;

pub mod answers;
pub mod cookies;
pub mod requests;
pub mod stored;
pub mod tokens;
pub mod transactions;

pub use call::Call;
