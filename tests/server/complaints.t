# A handler whose status demands a field that it does not set: the log says so
# once for the handler and the status, whoever asks and how often.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use Test::More;

use Prong;
use Prong::Act;

my $daemon = start(act_config('', <<'ROUTES'));
{ path = "/other"; act = { }; },
{ path = "/fields"; fields = [ "WWW-Authenticate: Basic realm=\"x\"" ];
  act = { }; }
ROUTES

sub complaints {
	my ($route, $status) = @_;
	return scalar(() = $daemon->log =~
	    /warning: handler act of route $route answers $status without /g);
}

my %field = (301 => 'Location', 302 => 'Location', 303 => 'Location',
    307 => 'Location', 308 => 'Location', 401 => 'WWW-Authenticate',
    405 => 'Allow', 407 => 'Proxy-Authenticate', 416 => 'Content-Range',
    426 => 'Upgrade');

# Right answers first: a complaint about them would come before the others.
for my $status (sort keys %field) {
	next if $status == 426;	# handlers cannot set Upgrade
	$daemon->get(steps("field $field{$status}: x|return $status"));
	$daemon->get(steps("field $field{$status}: x|status $status|print x"));
}
$daemon->get('/fields?do=return%20401');
$daemon->get(steps("return $_")) for 200, 204, 304, 400, 403, 404, 410, 503;
$daemon->request('DELETE', '/act');

for my $status (sort keys %field) {
	my $client = $daemon->connect;
	$client->request('GET', steps("return $status")) for 1 .. 2;
	$daemon->get(steps("return $status"));
	$daemon->get(steps("status $status|print x"));
	$daemon->wait_log(
	    qr/act of route \/act answers $status without $field{$status},/);
	pass("$status without $field{$status} is told");
	$daemon->log_like(qr/Upgrade, which handlers cannot set; possible:/,
	    'and what is possible') if $status == 426;
}
$daemon->get('/other?do=return%20401') for 1 .. 2;
$daemon->wait_log(qr/act of route \/other answers 401 without WWW-/);
pass('of another route, too');
$daemon->get('/other?do=log%20the-end');
$daemon->wait_log(qr/the-end/);
is(complaints('/act', $_), 1, "$_: once") for sort keys %field;
is(complaints('/other', 401), 1, 'there once, too');
is(complaints('/fields', 401), 0, 'a field of the configuration will do');
is($daemon->stop, 0, 'the daemon stops');
is(scalar(() = $daemon->log =~ /answers \d+ without/g), 11,
    'and nothing else is told');

like(do { get(act_config(), steps('return 401')); Prong::errors() },
    qr/handler act of route \/act answers 401 without WWW-Authenticate/,
    'prongd --once tells it');
done_testing;
