/**
 * Runs a script of PHP in one version of it: node run.js 7.4 script.php folder=/there …
 *
 * Each folder is copied to its place there; `PLUGIN` and the script's own folder are told by
 * the caller. Ends with the script's status; what it says goes to where PHP would say it.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { PHP, loadPHPRuntime } from '@php-wasm/universal';

function copy( php, from, to ) {
	php.mkdir( to );
	for ( const one of readdirSync( from, { withFileTypes: true } ) ) {
		if ( one.name === 'node_modules' ) {
			continue;
		}
		if ( one.isDirectory() ) {
			copy( php, join( from, one.name ), to + '/' + one.name );
		} else {
			php.writeFile( to + '/' + one.name, readFileSync( join( from, one.name ) ) );
		}
	}
}

const [ version, script, ...folders ] = process.argv.slice( 2 );
const { getPHPLoaderModule } = await import( '@php-wasm/node-' + version.replace( '.', '-' ) );
const php = new PHP( await loadPHPRuntime( await getPHPLoaderModule() ) );
for ( const folder of folders ) {
	const [ from, to ] = folder.split( '=' );
	copy( php, from, to );
}
const answer = await php.run( { scriptPath: script } ).catch( ( error ) => error.response || Promise.reject( error ) );
process.stdout.write( answer.text );
process.stderr.write( answer.errors );
process.exitCode = answer.exitCode;
