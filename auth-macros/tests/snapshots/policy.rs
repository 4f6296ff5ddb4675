// #[policy]
// async fn decides() -> Decision { Decision::Deny }

async fn decides() -> Decision {
    Decision::Deny
}
#[doc(hidden)]
enum decides {}
impl ::auth_runtime::__private::Loads for decides {
    type Value = <Decision as ::auth_runtime::__private::PolicyAnswer>::Value;
}
impl<__State> ::auth_runtime::__private::Policy<__State> for decides
where
    __State: ::core::marker::Send + ::core::marker::Sync,
{
    async fn decide(
        _: &::auth_runtime::__private::Session,
        request: &mut ::auth_runtime::__private::Parts,
        state: &__State,
    ) -> ::auth_runtime::__private::Decided<
        <Self as ::auth_runtime::__private::Loads>::Value,
    > {
        let _ = (&request, state);
        let __answer = decides();
        ::auth_runtime::__private::PolicyAnswer::into_decided(__answer.await)
    }
}

// #[policy(crate = ::web::auth)]
// /// Documented.
// #[cfg(unix)]
// #[instrument]
// pub async fn owns_order(user: User, Path(id): Path<u64>) -> Result<Decision<Order>, Error> { find(id).await }

/// Documented.
#[cfg(unix)]
#[instrument]
pub async fn owns_order(
    user: User,
    Path(id): Path<u64>,
) -> Result<Decision<Order>, Error> {
    find(id).await
}
#[doc(hidden)]
#[cfg(unix)]
pub enum owns_order {}
#[cfg(unix)]
impl ::web::auth::__private::Loads for owns_order {
    type Value = <Result<
        Decision<Order>,
        Error,
    > as ::web::auth::__private::PolicyAnswer>::Value;
}
#[cfg(unix)]
impl<__State> ::web::auth::__private::Policy<__State> for owns_order
where
    __State: ::core::marker::Send + ::core::marker::Sync,
    User: ::web::auth::__private::PolicyParameter<__State>,
    Path<u64>: ::web::auth::__private::PolicyParameter<__State>,
{
    async fn decide(
        _: &::web::auth::__private::Session,
        request: &mut ::web::auth::__private::Parts,
        state: &__State,
    ) -> ::web::auth::__private::Decided<
        <Self as ::web::auth::__private::Loads>::Value,
    > {
        let _ = (&request, state);
        let __answer = owns_order(
            <User as ::web::auth::__private::PolicyParameter<
                __State,
            >>::extract(request, state)
                .await?,
            <Path<
                u64,
            > as ::web::auth::__private::PolicyParameter<
                __State,
            >>::extract(request, state)
                .await?,
        );
        ::web::auth::__private::PolicyAnswer::into_decided(__answer.await)
    }
}

// #[policy]
// pub(crate) async fn owns<T: Owned, const N: usize>(State(t): State<Store<T>>) -> Decision<[T; N]> where T: Clone { t.find() }

pub(crate) async fn owns<T: Owned, const N: usize>(
    State(t): State<Store<T>>,
) -> Decision<[T; N]>
where
    T: Clone,
{
    t.find()
}
#[doc(hidden)]
pub(crate) struct owns<T: Owned, const N: usize>
where
    T: Clone,
{
    __types: ::core::marker::PhantomData<fn() -> (T,)>,
}
impl<T: Owned, const N: usize> ::auth_runtime::__private::Loads for owns<T, N>
where
    T: Clone,
    T: 'static,
{
    type Value = <Decision<[T; N]> as ::auth_runtime::__private::PolicyAnswer>::Value;
}
impl<T: Owned, const N: usize, __State> ::auth_runtime::__private::Policy<__State>
for owns<T, N>
where
    T: Clone,
    T: 'static,
    __State: ::core::marker::Send + ::core::marker::Sync,
    State<Store<T>>: ::auth_runtime::__private::PolicyParameter<__State>,
{
    async fn decide(
        _: &::auth_runtime::__private::Session,
        request: &mut ::auth_runtime::__private::Parts,
        state: &__State,
    ) -> ::auth_runtime::__private::Decided<
        <Self as ::auth_runtime::__private::Loads>::Value,
    > {
        let _ = (&request, state);
        let __answer = owns::<
            T,
            N,
        >(
            <State<
                Store<T>,
            > as ::auth_runtime::__private::PolicyParameter<
                __State,
            >>::extract(request, state)
                .await?,
        );
        ::auth_runtime::__private::PolicyAnswer::into_decided(__answer.await)
    }
}
