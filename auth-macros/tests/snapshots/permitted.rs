// #[with_api_auth_required(policy = owns_order, policy = loads_shop)]
// pub async fn show((Permitted(order)): (Permitted<Order>), #[cfg(unix)] shop: policy::Permitted<Shop>) {}

#[doc(hidden)]
pub enum __ShowRequirementsInAnImplPutTheAttributeOnTheBlock {}
impl ::auth_runtime::__private::Requirements
for __ShowRequirementsInAnImplPutTheAttributeOnTheBlock {
    const PROTECTION: &'static ::auth_runtime::__private::Protection = &::auth_runtime::__private::Protection {
        requirements: &[],
        policies: &["owns_order", "loads_shop"],
        cache: ::core::option::Option::None,
        login: false,
        optional: false,
    };
    type Policies = Self;
}
impl<__State> ::auth_runtime::__private::Policies<__State>
for __ShowRequirementsInAnImplPutTheAttributeOnTheBlock
where
    __State: ::core::marker::Sync,
    (owns_order, (loads_shop, ())): ::auth_runtime::__private::Policies<__State>,
{
    fn decide<__Recipient: ::auth_runtime::__private::Recipient>(
        session: &::auth_runtime::__private::Session,
        request: &mut ::auth_runtime::__private::Parts,
        state: &__State,
    ) -> impl ::core::future::Future<
        Output = ::auth_runtime::__private::Decided,
    > + ::core::marker::Send {
        <(
            owns_order,
            (loads_shop, ()),
        ) as ::auth_runtime::__private::Policies<
            __State,
        >>::decide::<::auth_runtime::__private::HandedTo<Self>>(session, request, state)
    }
}
pub async fn show(
    __auth: ::auth_runtime::__private::Guard<
        __ShowRequirementsInAnImplPutTheAttributeOnTheBlock,
    >,
    user: ::auth_runtime::__private::User,
    ::auth_runtime::__private::PermittedBy {
        permitted: Permitted(order),
        ..
    }: ::auth_runtime::__private::PermittedBy<
        __ShowRequirementsInAnImplPutTheAttributeOnTheBlock,
        (Permitted<Order>),
    >,
    #[cfg(unix)]
    ::auth_runtime::__private::PermittedBy {
        permitted: shop,
        ..
    }: ::auth_runtime::__private::PermittedBy<
        __ShowRequirementsInAnImplPutTheAttributeOnTheBlock,
        policy::Permitted<Shop>,
    >,
) -> ::auth_runtime::__private::Guarded<()> {
    let _: fn() = ::auth_runtime::__private::exactly_one_loads::<
        (owns_order, (loads_shop, ())),
        (Permitted<Order>),
        _,
    >;
    #[cfg(unix)]
    let _: fn() = ::auth_runtime::__private::exactly_one_loads::<
        (owns_order, (loads_shop, ())),
        policy::Permitted<Shop>,
        _,
    >;
    let _ = &user;
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

// #[with_api_auth_required(policy = owns_order)]
// #[instrument]
// async fn recorded(order: Permitted<Order>, Path(id): Path<u64>) {}

#[doc(hidden)]
enum __RecordedRequirementsInAnImplPutTheAttributeOnTheBlock {}
impl ::auth_runtime::__private::Requirements
for __RecordedRequirementsInAnImplPutTheAttributeOnTheBlock {
    const PROTECTION: &'static ::auth_runtime::__private::Protection = &::auth_runtime::__private::Protection {
        requirements: &[],
        policies: &["owns_order"],
        cache: ::core::option::Option::None,
        login: false,
        optional: false,
    };
    type Policies = Self;
}
impl<__State> ::auth_runtime::__private::Policies<__State>
for __RecordedRequirementsInAnImplPutTheAttributeOnTheBlock
where
    __State: ::core::marker::Sync,
    (owns_order, ()): ::auth_runtime::__private::Policies<__State>,
{
    fn decide<__Recipient: ::auth_runtime::__private::Recipient>(
        session: &::auth_runtime::__private::Session,
        request: &mut ::auth_runtime::__private::Parts,
        state: &__State,
    ) -> impl ::core::future::Future<
        Output = ::auth_runtime::__private::Decided,
    > + ::core::marker::Send {
        <(
            owns_order,
            (),
        ) as ::auth_runtime::__private::Policies<
            __State,
        >>::decide::<::auth_runtime::__private::HandedTo<Self>>(session, request, state)
    }
}
#[instrument]
#[::auth_runtime::__private::behind(::auth_runtime::__private::Behind)]
async fn recorded(
    __auth: ::auth_runtime::__private::Guard<
        __RecordedRequirementsInAnImplPutTheAttributeOnTheBlock,
    >,
    user: ::auth_runtime::__private::User,
    ::auth_runtime::__private::PermittedBy {
        permitted: order,
        ..
    }: ::auth_runtime::__private::PermittedBy<
        __RecordedRequirementsInAnImplPutTheAttributeOnTheBlock,
        Permitted<Order>,
    >,
    Path(id): Path<u64>,
) -> ::auth_runtime::__private::Guarded<()> {
    let _: fn() = ::auth_runtime::__private::exactly_one_loads::<
        (owns_order, ()),
        Permitted<Order>,
        _,
    >;
    let _ = &user;
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

// #[with_api_auth_required(policy = owns_order)]
// async fn after(order: Permitted<Order>, response: Response) -> Response { response }

#[doc(hidden)]
enum __AfterRequirementsInAnImplPutTheAttributeOnTheBlock {}
impl ::auth_runtime::__private::Requirements
for __AfterRequirementsInAnImplPutTheAttributeOnTheBlock {
    const PROTECTION: &'static ::auth_runtime::__private::Protection = &::auth_runtime::__private::Protection {
        requirements: &[],
        policies: &["owns_order"],
        cache: ::core::option::Option::None,
        login: false,
        optional: false,
    };
    type Policies = Self;
}
impl<__State> ::auth_runtime::__private::Policies<__State>
for __AfterRequirementsInAnImplPutTheAttributeOnTheBlock
where
    __State: ::core::marker::Sync,
    (owns_order, ()): ::auth_runtime::__private::Policies<__State>,
{
    fn decide<__Recipient: ::auth_runtime::__private::Recipient>(
        session: &::auth_runtime::__private::Session,
        request: &mut ::auth_runtime::__private::Parts,
        state: &__State,
    ) -> impl ::core::future::Future<
        Output = ::auth_runtime::__private::Decided,
    > + ::core::marker::Send {
        <(
            owns_order,
            (),
        ) as ::auth_runtime::__private::Policies<
            __State,
        >>::decide::<::auth_runtime::__private::HandedTo<Self>>(session, request, state)
    }
}
async fn after(
    __auth: ::auth_runtime::__private::Guard<
        ::auth_runtime::__private::Around<
            __AfterRequirementsInAnImplPutTheAttributeOnTheBlock,
        >,
    >,
    user: ::auth_runtime::__private::User,
    ::auth_runtime::__private::PermittedBy {
        permitted: order,
        ..
    }: ::auth_runtime::__private::PermittedBy<
        __AfterRequirementsInAnImplPutTheAttributeOnTheBlock,
        Permitted<Order>,
    >,
    response: Response,
) -> ::auth_runtime::__private::Guarded<Response> {
    let _: fn() = ::auth_runtime::__private::handed_by_axum::<Response>;
    let _: fn() = ::auth_runtime::__private::exactly_one_loads::<
        (owns_order, ()),
        Permitted<Order>,
        _,
    >;
    let _ = &user;
    __auth.enter();
    let __response = async move {
        if false {
            return ::auth_runtime::__private::never::<Response>();
        }
        match () {
            () => response,
        }
    }
        .await;
    __auth.finish(__response).await
}
