//! Signatures of handlers.

mod associated_function;
mod cfg_on_parameters;
mod generics;
mod impl_trait;
mod many_parameters;
