<?php
/**
 * Action Scheduler: actions in a table, run by WP-Cron; never inside a shopper's page request.
 *
 * @package StandIn
 */

defined( 'ABSPATH' ) || exit;

/** The class that plugins ask for. */
class ActionScheduler {

	/** Whether the tables are there. */
	public static function is_initialized( $function_name = null ) {
		return did_action( 'init' ) > 0 || doing_action( 'init' );
	}
}

/** Its names for states. */
class ActionScheduler_Store {
	const STATUS_COMPLETE = 'complete';
	const STATUS_PENDING  = 'pending';
	const STATUS_RUNNING  = 'in-progress';
	const STATUS_FAILED   = 'failed';
	const STATUS_CANCELED = 'canceled';
}

add_action(
	'init',
	function () {
		do_action( 'action_scheduler_init' );
	},
	1
);

/** A row of the table; 0 when it is to be the only one and there is one. */
function standin_schedule( $when, $hook, $args, $group, $unique, $every = 0 ) {
	global $wpdb;
	if ( ! ActionScheduler::is_initialized() ) {
		_doing_it_wrong( 'as_schedule_single_action', 'Called before the Action Scheduler data store was initialized.', '3.1.6' );
		return 0;
	}
	if ( $unique && standin_actions( $hook, null, $group, array( 'pending', 'in-progress' ) ) ) {
		return 0; // As the real one does: the arguments are not looked at.
	}
	$wpdb->insert( $wpdb->prefix . 'actionscheduler_actions', array( 'hook' => $hook, 'status' => 'pending', 'scheduled' => (int) $when, 'every' => (int) $every, 'args' => wp_json_encode( array_values( $args ) === $args ? $args : $args ), 'group_name' => $group ) );
	return (int) $wpdb->insert_id;
}

/** Rows of these. */
function standin_actions( $hook, $args, $group, $states ) {
	global $wpdb;
	// No hook named: all of the group, as the real one does.
	$named = '' === $hook ? '1 = 1' : $wpdb->prepare( 'hook = %s', $hook );
	$where = array( $named, "status IN ('" . implode( "', '", array_map( 'esc_sql', $states ) ) . "')" );
	if ( is_array( $args ) ) {
		$where[] = $wpdb->prepare( 'args = %s', wp_json_encode( $args ) );
	}
	if ( '' !== $group ) {
		$where[] = $wpdb->prepare( 'group_name = %s', $group );
	}
	return $wpdb->get_results( "SELECT * FROM {$wpdb->prefix}actionscheduler_actions WHERE " . implode( ' AND ', $where ) . ' ORDER BY scheduled, action_id' ); // phpcs:ignore WordPress.DB
}

/** As soon as possible. */
function as_enqueue_async_action( $hook, $args = array(), $group = '', $unique = false, $priority = 10 ) {
	return standin_schedule( 0, $hook, $args, $group, $unique );
}

/** Once, then. */
function as_schedule_single_action( $timestamp, $hook, $args = array(), $group = '', $unique = false, $priority = 10 ) {
	return standin_schedule( $timestamp, $hook, $args, $group, $unique );
}

/** Again and again. */
function as_schedule_recurring_action( $timestamp, $interval, $hook, $args = array(), $group = '', $unique = false, $priority = 10 ) {
	return standin_schedule( $timestamp, $hook, $args, $group, $unique, $interval );
}

/** Whether one waits or runs. */
function as_has_scheduled_action( $hook, $args = null, $group = '' ) {
	return ActionScheduler::is_initialized() && count( standin_actions( $hook, $args, $group, array( 'pending', 'in-progress' ) ) ) > 0;
}

/** When the next one runs; true when at once or now; false when there is none. */
function as_next_scheduled_action( $hook, $args = null, $group = '' ) {
	if ( standin_actions( $hook, $args, $group, array( 'in-progress' ) ) ) {
		return true;
	}
	$waiting = standin_actions( $hook, $args, $group, array( 'pending' ) );
	return $waiting ? ( (int) $waiting[0]->scheduled ? (int) $waiting[0]->scheduled : true ) : false;
}

/** Take the next one back; its id. */
function as_unschedule_action( $hook, $args = array(), $group = '' ) {
	global $wpdb;
	$waiting = standin_actions( $hook, $args, $group, array( 'pending' ) );
	if ( ! $waiting ) {
		return null;
	}
	$wpdb->update( $wpdb->prefix . 'actionscheduler_actions', array( 'status' => 'canceled' ), array( 'action_id' => $waiting[0]->action_id ) );
	return (int) $waiting[0]->action_id;
}

/** Take all back; arguments are looked at only when given. */
function as_unschedule_all_actions( $hook, $args = array(), $group = '' ) {
	global $wpdb;
	foreach ( standin_actions( $hook, $args ? $args : null, $group, array( 'pending' ) ) as $one ) {
		$wpdb->update( $wpdb->prefix . 'actionscheduler_actions', array( 'status' => 'canceled' ), array( 'action_id' => $one->action_id ) );
	}
}

/** Actions, by hook, status, group. */
function as_get_scheduled_actions( $args = array(), $return_format = OBJECT ) {
	$args  = wp_parse_args( $args, array( 'hook' => '', 'args' => null, 'group' => '', 'status' => array( 'pending', 'in-progress', 'complete', 'failed', 'canceled' ), 'per_page' => 5 ) );
	$found = standin_actions( $args['hook'], $args['args'], $args['group'], (array) $args['status'] );
	$found = (int) $args['per_page'] > 0 ? array_slice( $found, 0, (int) $args['per_page'] ) : $found;
	return 'ids' === $return_format ? array_map( 'intval', wp_list_pluck( $found, 'action_id' ) ) : $found;
}

add_action( 'action_scheduler_run_queue', 'standin_run_actions', 10, 0 );

/** Run what is due; each is claimed first, so that two runs never do the same. */
function standin_run_actions() {
	global $wpdb;
	$table = $wpdb->prefix . 'actionscheduler_actions';
	$until = time() + 20;
	while ( time() < $until ) {
		$one = $wpdb->get_row( $wpdb->prepare( "SELECT * FROM $table WHERE status = 'pending' AND scheduled <= %d ORDER BY scheduled, action_id LIMIT 1", time() ) ); // phpcs:ignore WordPress.DB
		if ( ! $one ) {
			return;
		}
		$claimed = $wpdb->query( $wpdb->prepare( "UPDATE $table SET status = 'in-progress', attempts = attempts + 1 WHERE action_id = %d AND status = 'pending'", $one->action_id ) ); // phpcs:ignore WordPress.DB
		if ( $claimed ) {
			standin_run_action( $one );
		}
	}
}

/** One action. */
function standin_run_action( $one ) {
	global $wpdb;
	$table = $wpdb->prefix . 'actionscheduler_actions';
	$said  = '';
	$state = 'complete';
	try {
		if ( ! has_action( $one->hook ) ) {
			throw new Exception( 'Scheduled action for ' . $one->hook . ' will not be executed as no callbacks are registered.' );
		}
		do_action_ref_array( $one->hook, array_values( (array) json_decode( $one->args, true ) ) );
	} catch ( Throwable $error ) {
		$state = 'failed';
		$said  = $error->getMessage();
	}
	$wpdb->update( $table, array( 'status' => $state, 'said' => $said ), array( 'action_id' => $one->action_id ) );
	if ( (int) $one->every > 0 ) {
		standin_schedule( time() + (int) $one->every, $one->hook, (array) json_decode( $one->args, true ), $one->group_name, false, (int) $one->every );
	}
}
