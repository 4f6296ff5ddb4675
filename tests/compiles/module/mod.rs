//! Protected modules.

mod cfg;
mod conditions;
mod helpers;
mod nested;
mod not_futures;
mod per_method;
mod test_functions;
mod types_from_outside;
mod visibility;
