/* What the server tells the blocks. */
window.wc = window.wc || {};
window.wc.wcSettings = {
	allSettings: window.wcSettings || {},
	getSetting( name, otherwise = false ) {
		const all = window.wcSettings || {};
		return name in all ? all[ name ] : otherwise;
	},
};
