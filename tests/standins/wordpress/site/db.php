<?php
/**
 * The drop-in that lets WordPress live on SQLite.
 *
 * @package StandIn
 */

define( 'DATABASE_TYPE', 'sqlite' );
define( 'DB_ENGINE', 'sqlite' );
require_once ABSPATH . 'sqlite/sqlite-database-integration-main/wp-includes/sqlite/db.php';
