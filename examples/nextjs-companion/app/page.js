import { auth0 } from "../lib/auth0";
import { Calls } from "./calls";

export default async function Page() {
  const session = await auth0.getSession();
  return (
    <>
      <header>
        <h1>Next.js companion</h1>
        <p>
          Next.js signs you in. An axum service answers <code>/api/*</code> by the same session.
        </p>
      </header>
      <h2>Account</h2>
      <section>
        <Account user={session?.user} />
      </section>
      <h2>Call the API</h2>
      <Calls />
    </>
  );
}

// Plain links, since these addresses are no pages: <Link> would fetch them ahead of the click.
function Account({ user }) {
  if (!user) {
    return (
      <>
        <p className="who">You are not signed in. Try the calls below first: each answers 401.</p>
        <a className="button" href="/auth/login">
          Sign in
        </a>
      </>
    );
  }
  const name = user.name ?? user.sub;
  return (
    <>
      <span className="mark" aria-hidden="true">
        {initials(name)}
      </span>
      <div className="who">
        <p>
          Signed in as <strong>{name}</strong>
        </p>
        {user.email && <p className="mail">{user.email}</p>}
      </div>
      <a className="button quiet" href="/auth/logout">
        Sign out
      </a>
    </>
  );
}

function initials(name) {
  const words = name.split(/\s+/).filter(Boolean).slice(0, 2);
  return words.map((word) => [...word][0]).join("");
}
