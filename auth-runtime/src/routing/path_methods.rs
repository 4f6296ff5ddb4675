//! The traits of what a path of the router takes. The compiler's messages on another type say what to write instead.

use super::method_router::MethodRouter;

/// The methods of one path, for a router with the state `S`: a [`MethodRouter<S>`], and nothing else.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not come from `auth_runtime::routing`",
    label = "this router takes a `MethodRouter` of `auth_runtime::routing`",
    note = "import `get`, `post` and so on from `auth_runtime::routing`, not from `axum::routing`",
    note = "handlers without an attribute are added with `Router::merge_unchecked`"
)]
pub trait PathMethods<S> {
    /// Returns the methods.
    fn into_methods(self) -> MethodRouter<S>;
}

/// For any state of the handlers, so that rustc compares the states by [`SameState`] and shows its message.
impl<S, T> PathMethods<S> for MethodRouter<T>
where
    State: SameState<S, T>,
{
    fn into_methods(self) -> MethodRouter<S> {
        State::same(self)
    }
}

/// Stands for the state in the demand [`SameState`]. With the methods themselves there, rustc would leave out the
/// message.
#[derive(Debug)]
pub struct State;

/// The demand that a router and its handlers have one state: `S` of the router, `T` of the handlers.
#[diagnostic::on_unimplemented(
    message = "the router's state is `{S}`, and these handlers take `{T}`",
    label = "handlers for a router with the state `{T}`",
    note = "guarded handlers take any state that has an `Auth`: if `{S}` is a type of your own, write `impl FromRef<{S}> for Auth`"
)]
pub trait SameState<S, T> {
    /// Returns the methods as they are.
    fn same(methods: MethodRouter<T>) -> MethodRouter<S>;
}

impl<S> SameState<S, S> for State {
    fn same(methods: MethodRouter<S>) -> MethodRouter<S> {
        methods
    }
}
