<?php
// The plugin asks for this file before it makes its table; dbDelta() is in database.php.
