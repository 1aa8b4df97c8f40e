<?php
/**
 * `$wpdb` on SQLite in memory, as far as the plugin asks it.
 *
 * @package Relance
 */

/** The database. */
class A_Database {

	/** @var string */
	public $prefix = 'wp_';
	/** @var PDO */
	private $pdo;

	/** Open it. */
	public function __construct() {
		$this->pdo = new PDO( 'sqlite::memory:' );
		$this->pdo->setAttribute( PDO::ATTR_ERRMODE, PDO::ERRMODE_EXCEPTION );
	}

	public function get_charset_collate() {
		return '';
	}

	public function suppress_errors( $quiet = true ) {
		return false;
	}

	public function esc_like( $text ) {
		return addcslashes( $text, '_%\\' );
	}

	public function get_blog_prefix( $site ) {
		return "wp_{$site}_";
	}

	/** Stricter than WordPress: as many values as marks. */
	public function prepare( $query, ...$values ) {
		$values = 1 === count( $values ) && is_array( $values[0] ) ? $values[0] : $values;
		$marks  = preg_match_all( '/%[sd]/', $query );
		if ( count( $values ) !== $marks ) {
			throw new LogicException( count( $values ) . " values for $marks marks: $query" );
		}
		$pdo = $this->pdo;
		return preg_replace_callback(
			'/%[sd]/',
			function ( $mark ) use ( &$values, $pdo ) {
				$value = array_shift( $values );
				return '%d' === $mark[0] ? (string) (int) $value : $pdo->quote( (string) $value );
			},
			$query
		);
	}

	public $refuses = false; // Whether it takes no more writes.

	public function query( $query ) {
		if ( $this->refuses ) {
			return false;
		}
		return $this->pdo->exec( $this->in_sqlite( $query ) );
	}

	public function get_var( $query ) {
		return $this->pdo->query( $query )->fetchColumn();
	}

	public function get_row( $query, $form ) {
		$rows = $this->get_results( $query, $form );
		return $rows ? $rows[0] : null;
	}

	public function get_results( $query, $form ) {
		$rows = array();
		foreach ( $this->pdo->query( $query )->fetchAll( PDO::FETCH_ASSOC ) as $row ) {
			$rows[] = array_map( 'strval', $row ); // MySQL's answers are texts.
		}
		return $rows;
	}

	public function make( $create ) {
		if ( strpos( $create, 'AUTO_INCREMENT' ) ) {
			$create = preg_replace( '/^\s*PRIMARY KEY .*$/m', '', $create );
			$create = preg_replace( '/^\s*id .*$/m', 'id INTEGER PRIMARY KEY,', $create );
		}
		$create = preg_replace( '/^\s*(UNIQUE )?KEY .*$/m', '', $create );
		$create = preg_replace( '/,\s*\)\s*;/', ');', $create );
		$this->pdo->exec( str_replace( ' unsigned', '', $create ) );
	}

	private function in_sqlite( $query ) {
		$query = str_replace( 'ON DUPLICATE KEY UPDATE', 'ON CONFLICT(cart_key) DO UPDATE SET', $query );
		return preg_replace( '/VALUES\((\w+)\)/', 'excluded.$1', $query );
	}
}

function dbDelta( $create ) { $GLOBALS['wpdb']->make( $create ); }
