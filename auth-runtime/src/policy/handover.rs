//! The way of a value from the policy that loaded it to the handler.

use std::marker::PhantomData;
use std::sync::{Arc, Mutex, PoisonError};

use http::Extensions;
use http::request::Parts;

use super::decide::Loads;

/// The value that a policy of the handler loaded, as a parameter of the handler. So the value is loaded once.
///
/// The parameter is no extractor of its own. `#[with_api_auth_required]` hands the value over, by the name `Permitted` of the
/// parameter's type. Elsewhere a handler with this parameter does not compile, and neither does one of whose policies
/// none loads a `T`, or several do.
///
/// ```
/// # #[cfg(feature = "macros")] mod example {
/// use auth_runtime::policy::{Decision, Permitted, policy};
/// use auth_runtime::{User, with_api_auth_required};
/// use axum::extract::Path;
///
/// struct Order {
///     total: u64,
/// }
///
/// #[policy]
/// async fn owns_order(user: User, Path(id): Path<u64>) -> Decision<Order> {
///     // A real policy asks a database here.
///     if user.sub() == "ada" && id == 7 { Decision::Allow(Order { total: 42 }) } else { Decision::NotFound }
/// }
///
/// #[with_api_auth_required(policy = owns_order)]
/// async fn total(Permitted(order): Permitted<Order>) -> String {
///     order.total.to_string()
/// }
/// # }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "a handler takes the value out by the pattern")]
pub struct Permitted<T>(pub T);

/// The recipient of the values that policies load.
pub trait Recipient: 'static {
    /// Takes the value that a policy loaded for this request.
    fn receive<T: Send + 'static>(request: &mut Parts, value: T);
}

/// The recipient where no parameter asks for a value: the values are dropped.
#[derive(Debug)]
pub struct Dropped;

impl Recipient for Dropped {
    fn receive<T: Send + 'static>(_: &mut Parts, _: T) {}
}

/// The handler with the demands `H`, whose parameters take the values.
#[derive(Debug)]
pub struct HandedTo<H>(PhantomData<fn() -> H>);

impl<H: 'static> Recipient for HandedTo<H> {
    fn receive<T: Send + 'static>(request: &mut Parts, value: T) {
        request.extensions.insert(Slot::<H, T>(Arc::new(Mutex::new(Some(value))), PhantomData));
    }
}

/// Takes the value that a policy of the handler with the demands `H` loaded for this request; `None` if there is none,
/// or if it was taken before. No other handler finds the value, also in a copy of the request.
pub(crate) fn take<H: 'static, T: Send + 'static>(extensions: &Extensions) -> Option<Permitted<T>> {
    let Slot(value, _) = extensions.get::<Slot<H, T>>()?;
    // No code panics while the lock is held.
    value.lock().unwrap_or_else(PoisonError::into_inner).take().map(Permitted)
}

/// The place of a value in the request's extensions, which have to be `Clone`. Clones share the value.
struct Slot<H, T>(Arc<Mutex<Option<T>>>, PhantomData<fn() -> H>);

impl<H, T> Clone for Slot<H, T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0), PhantomData)
    }
}

/// The fact that exactly one policy in a list loads what a parameter of the type `P` takes. `Place` is found by the
/// compiler; if two places fit, it cannot choose.
#[diagnostic::on_unimplemented(
    message = "no policy of this handler loads what `{P}` takes",
    label = "no policy loads this value",
    note = "take the value that a policy loads, the `T` of its `Decision<T>`, or name a policy that loads this one: `policy = ...`"
)]
pub trait ExactlyOneLoads<P, Place> {}

/// The place of the first policy in a list.
#[derive(Debug)]
pub struct Here;

/// A place behind the first policy in a list.
#[derive(Debug)]
pub struct Behind<Place>(PhantomData<Place>);

impl<P: Loads, Rest> ExactlyOneLoads<Permitted<P::Value>, Here> for (P, Rest) {}

#[diagnostic::do_not_recommend]
impl<First, Rest, P, Place> ExactlyOneLoads<P, Behind<Place>> for (First, Rest) where
    Rest: ExactlyOneLoads<P, Place>
{
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    struct First;
    struct Second;

    #[test]
    fn a_value_is_found_once_by_its_own_handler_and_as_its_own_type() {
        let (mut request, ()) = Request::new(()).into_parts();
        HandedTo::<First>::receive(&mut request, 7_u8);
        HandedTo::<First>::receive(&mut request, "seven");
        HandedTo::<Second>::receive(&mut request, 8_u8);
        Dropped::receive(&mut request, 9_u16);
        assert_eq!(take::<First, u16>(&request.extensions), None);
        assert_eq!(take::<Second, &str>(&request.extensions), None);
        // A copy of the request shares the value.
        let copy = request.extensions.clone();
        assert_eq!(take::<First, u8>(&copy), Some(Permitted(7)));
        assert_eq!(take::<First, u8>(&request.extensions), None);
        assert_eq!(take::<First, &str>(&request.extensions), Some(Permitted("seven")));
        assert_eq!(take::<Second, u8>(&request.extensions), Some(Permitted(8)));
    }

    #[test]
    fn the_value_that_a_policy_loaded_for_this_request_replaces_an_older_one() {
        let (mut request, ()) = Request::new(()).into_parts();
        HandedTo::<First>::receive(&mut request, 7_u8);
        HandedTo::<First>::receive(&mut request, 8_u8);
        assert_eq!(take::<First, u8>(&request.extensions), Some(Permitted(8)));
    }
}
