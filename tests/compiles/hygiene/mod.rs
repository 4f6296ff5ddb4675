//! Names and macros at the call site, which must not change the meaning of generated code.

mod body_of_a_macro;
mod items_of_a_macro;
mod m11_shadowed_names;
mod m11_shadowed_prelude;
mod m11_similar_names;
mod macro_rules;
