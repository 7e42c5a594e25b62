// So that `next start` renders the page too, and not `next build` alone.
export const dynamic = "force-dynamic";

export const metadata = { icons: "data:," };

export default function Layout({ children }) {
  return (
    <html lang="en">
      <body>{children}</body>
    </html>
  );
}
