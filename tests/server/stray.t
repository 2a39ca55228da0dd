# Handlers that go astray: what their function open leaves behind is told by
# prongd -t, and what a request does to its process is in the log, with the name
# of the handler.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use Test::More;

use Prong;
use Prong::Act;

my $plugins = Prong::Act::plugin_folder('stray', 'stray_net', 'crashopen',
    'crashload');
my $locked = write_file('locked', 'x');
chmod 0666, $locked;

sub check {
	my ($handler) = @_;
	return prongd('-t', '-c', config("plugin_dir = \"$plugins\";\n"
	    . "sites = ( { routes = ( { path = \"/\"; $handler } ); } );\n"));
}

sub left {
	my ($what) = @_;
	return check("stray = { leaves = \"$what\"; file = \"$locked\"; };");
}

for (
	[ 'thread', 'left threads, which no connection inherits' ],
	[ 'lock', 'left a file locked' ],
	[ 'signal', 'left another action for signal \d+ \(User defined' ],
	[ 'mask', 'left another mask of signals, which is set back' ],
	[ 'locale', 'left another locale' ],
	[ 'cwd', 'left another working folder, which is set back' ],
	[ 'umask', 'left another umask, which is set back' ],
	[ 'timer', 'left a timer running' ],
	[ 'descriptors', 'left more than 100 descriptors open' ],
) {
	my ($what, $warning) = @$_;
	my $run = left($what);
	is($run->{status}, 0, "$what: a warning and no error");
	like($run->{errors},
	    qr/warning: \S+:\d+: stray: its function open $warning/,
	    "$what: prongd -t tells it");
	is(() = $run->{errors} =~ /warning:/g, 1, "$what: and nothing else");
}
unlike(left('nothing')->{errors}, qr/warning/, 'nothing left, nothing told');
like(left('closed')->{errors},
    qr/error: \S+: stray: closed descriptors that are not its own, in its function open/,
    'descriptors closed in open are told as such');

like(left('fault')->{errors}, qr/error: stray: Segmentation fault at address 0x40$/m,
    'a fault in open is told with its address');
{
	my $errors = check('crashopen = { };')->{errors};
	like($errors, qr/error: crashopen: Segmentation fault/, 'a crash in open');
	like($errors, qr{^/\S+prongd\(\+0x[0-9a-f]+\) \[0x[0-9a-f]+\]}m,
	    'has a backtrace, in which prongd has the name of its file');
	$errors = check('crashload = { };')->{errors};
	like($errors, qr{^\Q$plugins\E/crashload\.so\(\+0x[0-9a-f]+\)}m,
	    'and so has one in a constructor, with the file of the plugin');
	unlike($errors, qr{/proc/self/fd}, 'and not its copy');
}

my $access = folder('log') . '/access';
my $daemon = start(config("plugin_dir = \"$plugins\";\n"
    . "access_log = \"$access\";\n" . <<'CONF'));
crash_penalty = "0 s"; max_crashes = 0;
sites = ( { routes = ( { path = "/s"; stray = { }; },
  { path = "/net"; stray_net = { }; },
  { path = "/time"; stray = { }; max_request_time = "200 ms"; } ); } );
CONF

# [ target, status or 0 for none, body, log ]
for (
	[ '/s?do=return=999', 500, qr/./, 'handler stray of route /s returned '
	    . '999, a status that is none; possible: 200 to 599' ],
	[ '/s?do=return=-5', 500, qr/./, 'returned -5, a status that is none' ],
	[ '/s?do=return=100', 500, qr/./, 'returned 100, a status that is none' ],
	[ '/s?do=exit=0', 0, undef, 'was ended by its handler stray, with status '
	    . '0$' ],
	[ '/s?do=exit=7', 0, undef, 'was ended by its handler stray, with status '
	    . '7$' ],
	[ '/s?do=close', 0, undef, 'handler stray of route /s closed descriptors '
	    . 'that are not its own, also that of the client' ],
	[ '/s?do=default', 0, undef, 'was ended by signal 11 \(Segmentation '
	    . 'fault\) in the handler stray$' ],
	[ '/s?do=jump', 500, qr/./, 'handler stray of route /s crashed' ],
	[ '/s?do=start=fork', 200, qr/^Resource/, 'route /s: fork fails with EAGAIN: '
	    . 'processes are not declared; PRONG_NEEDS_PROCESSES' ],
	(map { [ "/s?do=start=$_->[0]", 200, $_->[2], "route /s: $_->[1] fails with "
	    . "$_->[3]: processes are not declared; PRONG_NEEDS_PROCESSES" ] }
	    [ 'spawn', 'posix_spawn', qr/^Resource/, 'EAGAIN' ],
	    [ 'spawnp', 'posix_spawnp', qr/^Resource/, 'EAGAIN' ],
	    [ 'system', 'system', qr/^Resource/, 'EAGAIN' ],
	    [ 'popen', 'popen', qr/^Cannot allocate/, 'ENOMEM' ]),
	[ '/s?do=start=thread', 200, qr/^Resource/, 'route /s: pthread_create fails '
	    . 'with EAGAIN: threads are not declared; PRONG_NEEDS_THREADS' ],
	[ '/net?do=lookup=localhost', 200, qr/\Afound$/, undef ],
	[ '/time?do=sleep', 503, qr/./, 'handler stray of route /time took more '
	    . 'than max_request_time' ],
) {
	my ($target, $status, $body, $log) = @$_;
	next if $target =~ /localhost/ && !Prong::knows_localhost();
	my $client = $daemon->connect;
	$client->send(Prong::request('GET', $target, [ 'Connection: close' ]));
	my $answer = $status ? $client->answer : undef;
	is($answer && $answer->{status}, $status, "$target: $status") if $status;
	like($answer && $answer->{body}, $body, "$target: the answer") if $body;
	is($client->rest, '', "$target: no answer") unless $status;
	next unless $log;
	$daemon->wait_log(qr/$log/m);
	pass("$target: $log");
}
wait_until { -e $access && read_file($access) =~ /do=close / } 'a line';
like(read_file($access), qr{"GET /s\?do=close HTTP/1\.1" 500 - },
    'a response that a handler kept from its client is no success');
is($daemon->stop, 0, 'the daemon stops');
unlike($daemon->log, qr/ended by signal (?!11 )\d/,
    'what a time limit ends has one line, without the number of a signal');
done_testing;
