//! Protected `impl` blocks.

mod generics;
mod methods;
mod same_names;
