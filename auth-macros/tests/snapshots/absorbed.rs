// #[with_api_auth_required(scopes("a"), policy = First, cache = "private", state = Outer)]
// /// Documented.
// #[with_api_auth_required(scopes("b"), policy = Second, state = Inner)]
// #[other]
// #[auth_runtime::with_api_auth_required(crate = ::web::auth, login)]
// #[with_api_auth_required]
// async fn handler(user: User) {}

#[doc(hidden)]
enum __HandlerRequirementsInAnImplPutTheAttributeOnTheBlock {}
impl ::web::auth::__private::Requirements
for __HandlerRequirementsInAnImplPutTheAttributeOnTheBlock {
    const PROTECTION: &'static ::web::auth::__private::Protection = &::web::auth::__private::Protection {
        requirements: &[
            ::web::auth::__private::Requirement::Scopes(&["a"]),
            ::web::auth::__private::Requirement::Scopes(&["b"]),
        ],
        policies: &["First", "Second"],
        cache: ::core::option::Option::Some("private"),
        login: true,
        optional: false,
    };
    type Policies = Self;
}
impl<__State> ::web::auth::__private::Policies<__State>
for __HandlerRequirementsInAnImplPutTheAttributeOnTheBlock
where
    __State: ::core::marker::Sync,
    (First, (Second, ())): ::web::auth::__private::Policies<__State>,
{
    fn decide<__Recipient: ::web::auth::__private::Recipient>(
        session: &::web::auth::__private::Session,
        request: &mut ::web::auth::__private::Parts,
        state: &__State,
    ) -> impl ::core::future::Future<
        Output = ::web::auth::__private::Decided,
    > + ::core::marker::Send {
        <(
            First,
            (Second, ()),
        ) as ::web::auth::__private::Policies<
            __State,
        >>::decide::<__Recipient>(session, request, state)
    }
}
/// Documented.
#[other]
#[::web::auth::__private::behind(::web::auth::__private::Behind)]
async fn handler(
    __auth: ::web::auth::__private::Guard<
        __HandlerRequirementsInAnImplPutTheAttributeOnTheBlock,
    >,
    user: User,
) -> ::web::auth::__private::Guarded<()> {
    fn __state_provides_auth<S>()
    where
        S: ::web::auth::__private::ProvidesAuth,
    {}
    let _: fn() = __state_provides_auth::<Inner>;
    {
        fn __policy_decides<P, S>()
        where
            P: ::web::auth::__private::Policy<S>,
        {}
        let _: fn() = __policy_decides::<First, Inner>;
    }
    {
        fn __policy_decides<P, S>()
        where
            P: ::web::auth::__private::Policy<S>,
        {}
        let _: fn() = __policy_decides::<Second, Inner>;
    }
    __auth.enter();
    let __response = async move {
        if false {
            return ::web::auth::__private::never::<()>();
        }
        match () {
            () => {}
        }
    }
        .await;
    __auth.finish(__response).await
}

// #[with_api_auth_required]
// #[cfg_attr(unix, with_api_auth_required(roles("a")))] #[renamed(roles("b"))] async fn handler(user: User) {}

#[cfg_attr(unix, with_api_auth_required(roles("a")))]
#[renamed(roles("b"))]
#[::auth_runtime::__private::behind(::auth_runtime::__private::Behind)]
async fn handler(
    __auth: ::auth_runtime::__private::Guard<::auth_runtime::__private::SignedIn>,
    user: User,
) -> ::auth_runtime::__private::Guarded<()> {
    __auth.enter();
    let __response = async move {
        if false {
            return ::auth_runtime::__private::never::<()>();
        }
        match () {
            () => {}
        }
    }
        .await;
    __auth.finish(__response).await
}
