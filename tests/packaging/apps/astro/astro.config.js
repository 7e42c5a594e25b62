// The dev toolbar would add more buttons.
export default { devToolbar: { enabled: false } };
