// #[with_api_auth_required]
// async fn middleware(request: Request, next: middleware::Next) -> Response { next.run(request).await }

async fn middleware(
    __auth: ::auth_runtime::__private::Guard<::auth_runtime::__private::SignedIn>,
    user: ::auth_runtime::__private::User,
    ::auth_runtime::__private::Behind(
        request,
    ): ::auth_runtime::__private::Behind<Request>,
    next: middleware::Next,
) -> ::auth_runtime::__private::Guarded<Response> {
    let _: fn() = ::auth_runtime::__private::handed_by_axum::<middleware::Next>;
    let _ = &user;
    __auth.enter();
    let __response = async move {
        if false {
            return ::auth_runtime::__private::never::<Response>();
        }
        match () {
            () => next.run(request).await,
        }
    }
        .await;
    __auth.finish(__response).await
}

// #[with_api_auth_required]
// async fn after(_: User, response: (Response)) -> Response { response }

async fn after(
    __auth: ::auth_runtime::__private::Guard<
        ::auth_runtime::__private::Around<::auth_runtime::__private::SignedIn>,
    >,
    user: ::auth_runtime::__private::User,
    ::auth_runtime::__private::Behind(_): ::auth_runtime::__private::Behind<User>,
    response: (Response),
) -> ::auth_runtime::__private::Guarded<Response> {
    let _: fn() = ::auth_runtime::__private::handed_by_axum::<(Response)>;
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

// #[with_api_auth_required]
// #[instrument]
// async fn no_parameters_yet() {}

#[instrument]
#[::auth_runtime::__private::behind(::auth_runtime::__private::Behind)]
async fn no_parameters_yet(
    __auth: ::auth_runtime::__private::Guard<::auth_runtime::__private::SignedIn>,
) -> ::auth_runtime::__private::Guarded<()> {
    let user = __auth.user();
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

// #[with_api_auth_required]
// pub(crate) async fn explicit(user: User, mut form: Form<Post>) -> Redirect { form.save(user) }

pub(crate) async fn explicit(
    __auth: ::auth_runtime::__private::Guard<::auth_runtime::__private::SignedIn>,
    ::auth_runtime::__private::Behind(user): ::auth_runtime::__private::Behind<User>,
    ::auth_runtime::__private::Behind(
        mut form,
    ): ::auth_runtime::__private::Behind<Form<Post>>,
) -> ::auth_runtime::__private::Guarded<Redirect> {
    __auth.enter();
    let __response = async move {
        if false {
            return ::auth_runtime::__private::never::<Redirect>();
        }
        match () {
            () => form.save(user),
        }
    }
        .await;
    __auth.finish(__response).await
}

// #[with_api_auth_required]
// pub async fn generic<'a, S, T: Store + 'a, const N: usize>(State(s): State<S>, body: Json<[T; N]>) -> Result<Json<T>, Error> where S: Clone + Send, T: Serialize + 'a { s.put(body).await }

pub async fn generic<'a, S, T: Store + 'a, const N: usize>(
    __auth: ::auth_runtime::__private::Guard<::auth_runtime::__private::SignedIn>,
    user: ::auth_runtime::__private::User,
    ::auth_runtime::__private::Behind(
        State(s),
    ): ::auth_runtime::__private::Behind<State<S>>,
    ::auth_runtime::__private::Behind(
        body,
    ): ::auth_runtime::__private::Behind<Json<[T; N]>>,
) -> ::auth_runtime::__private::Guarded<Result<Json<T>, Error>>
where
    S: Clone + Send,
    T: Serialize + 'a,
{
    let _ = &user;
    __auth.enter();
    let __response = async move {
        if false {
            return ::auth_runtime::__private::never::<Result<Json<T>, Error>>();
        }
        match () {
            () => s.put(body).await,
        }
    }
        .await;
    __auth.finish(__response).await
}

// #[with_api_auth_required]
// /// Documented.
// #[deprecated]
// #[cfg_attr(feature = "trace", tracing::instrument(skip_all))]
// async fn attributes(#[cfg(feature = "a")] Path(id): Path<u64>, #[cfg(not(feature = "a"))] q: Query<Q>) {}

/// Documented.
#[deprecated]
#[cfg_attr(feature = "trace", tracing::instrument(skip_all))]
#[::auth_runtime::__private::behind(::auth_runtime::__private::Behind)]
async fn attributes(
    __auth: ::auth_runtime::__private::Guard<::auth_runtime::__private::SignedIn>,
    user: ::auth_runtime::__private::User,
    #[cfg(feature = "a")]
    Path(id): Path<u64>,
    #[cfg(not(feature = "a"))]
    q: Query<Q>,
) -> ::auth_runtime::__private::Guarded<()> {
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

// #[with_api_auth_required]
// async fn inner_attributes() -> u8 { #![expect(clippy::unused)] const N: u8 = 1; N }

async fn inner_attributes(
    __auth: ::auth_runtime::__private::Guard<
        ::auth_runtime::__private::Alone<::auth_runtime::__private::SignedIn>,
    >,
) -> ::auth_runtime::__private::Guarded<u8> {
    #![expect(clippy::unused)]
    let user = __auth.user();
    let _ = &user;
    __auth.enter();
    let __response = async move {
        if false {
            return ::auth_runtime::__private::never::<u8>();
        }
        match () {
            () => {
                const N: u8 = 1;
                N
            }
        }
    }
        .await;
    __auth.finish(__response).await
}
