<?php

// Puts the questions on standard input to the Fleet.php given as the only argument: JSON in, JSON out.

declare(strict_types=1);

require $argv[1];
$fleet = DSAS\Fleet::load();
$answers = [];
foreach (json_decode(stream_get_contents(STDIN), true) as [$name, $many, $arguments]) {
    $method = lcfirst(str_replace('_', '', ucwords($name, '_')));
    try {
        $answers[] = ['answer' => $fleet->$method(...$arguments)];
    } catch (DSAS\Error $error) {
        $answers[] = ['error' => get_class($error)];
    }
}
echo json_encode($answers, JSON_THROW_ON_ERROR | JSON_PRESERVE_ZERO_FRACTION);
