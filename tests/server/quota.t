# What a request may use up: time, processor time, memory, files; and what
# becomes of the processes that a handler starts.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use Test::More;
use Time::HiRes qw(time);

use Prong;
use Prong::Act;
use Prong::Process;

my $config = config('plugin_dir = "' . Prong::Act::plugin_folder('extreme')
    . "\";\n" . <<'CONF');
access_log = "off";
crash_penalty = "0 s";
max_crashes = 0;
sites = ( { routes = (
  { path = "/free"; extreme = { }; },
  { path = "/time"; extreme = { }; max_request_time = "200 ms"; },
  { path = "/cpu"; extreme = { }; max_cpu_time = "200 ms"; },
  { path = "/memory"; extreme = { }; max_memory = "64 MiB"; },
  { path = "/files"; extreme = { }; max_open_files = 40; }
); } );
CONF

# [ path, status, body or undef, log ]
my @cases = (
	[ '/time?do=sleep', 503, undef,
	    qr{extreme of route /time took more than max_request_time; request "GET /time\?do=sleep} ],
	[ '/time?do=loop', 503, undef, qr{took more than max_request_time} ],
	[ '/cpu?do=loop', 503, undef,
	    qr{extreme of route /cpu took more than max_cpu_time} ],
	[ '/memory?do=memory', 200, qr{\A([1-9]|[1-5]\d|6[0-3])\n\z}, qr{\A} ],
	[ '/memory?do=hoard', 503, undef,
	    qr{handler extreme of route /memory was left without memory} ],
	[ '/free?do=files', 200, qr{\A\d{3,}\n\z}, qr{\A} ],
	[ '/files?do=files', 200, qr{\A([1-9]|[123]\d)\n\z}, qr{\A} ],
);
for (@cases) {
	my ($path, $status, $body, $log) = @$_;
	SKIP: {
		skip "$path: the sanitizers take memory for themselves", 1
		    if $path =~ /memory/ && Prong::is_sanitized();
		my ($answer) = responses(once($config,
		    Prong::request('GET', $path, [ 'Connection: close' ])));
		is($answer && $answer->{status}, $status, "$path: $status");
		like($answer->{body}, $body, "$path: what it got") if $body;
		like(Prong::errors(), $log, "$path: what the log says");
	}
}

my $daemon = start($config);
my ($generation) = Prong::Process::children($daemon->pid);

# One route's limit is not another's, on one connection.
my $client = $daemon->connect;
like($client->request('GET', '/files?do=files')->{body}, qr/\A\d{1,2}\n/,
    'a limit holds for its route');
like($client->request('GET', '/free?do=files')->{body}, qr/\A\d{3,}\n/,
    'and not for the next request of the connection, on another route');
$client->close;

# Its last words are blocked: the generation ends it.
my $began = time;
$client = $daemon->connect;
$client->send(Prong::request('GET', '/time?do=stubborn'));
is($client->answer, undef, 'who blocks the signal is cut off');
cmp_ok(time - $began, '<', 10, 'in time');
$daemon->wait_log(qr{did not end by itself: killed});

is($daemon->connect->request('GET', '/free?do=spawn', ['Connection: close'])
    ->{body}, "two\n", 'a handler that may start processes does');
wait_until { !Prong::Process::children($generation) } 'their end';
pass('they end with the connection, in its group or not');
is($daemon->stop, 0, 'the daemon stops');
done_testing;
