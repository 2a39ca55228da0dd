# What status says of handlers that crash, go beyond a limit, or do what the sandbox
# refuses; and that it is kept over a reload.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use JSON::PP;
use Test::More;

use Prong;
use Prong::Act;

my $plugins = Prong::Act::plugin_folder('extreme', 'act', 'hostile');
my $daemon = start(config("plugin_dir = \"$plugins\";\n"
    . "crash_penalty = \"0 s\"; max_crashes = 0;\n"
    . 'sites = ( { routes = ( { path = "/crash"; extreme = { }; '
    . 'max_cpu_time = "300 ms"; }, { path = "/act"; act = { }; }, '
    . '{ path = "/hostile"; hostile = { }; }, '
    . '{ path = "/"; status = { queries = true; }; } ); } );'));

sub status {
	return decode_json($daemon->get('/?format=json')->{body});
}

sub handler {
	my ($name, $status) = @_;
	$status ||= status();
	return (grep { $_->{name} eq $name } @{$status->{handlers}})[0];
}

is(handler('extreme')->{last_crash}, undef, 'no handler has crashed');
my $client = $daemon->connect(undef, '127.0.0.2');
my $port = $client->socket->sockport;
is($client->request('GET', '/crash?do=null&a=<b>')->{status}, 500,
    'one crashes');
my $extreme = wait_until {
	my $h = handler('extreme');
	return $h->{crashes} ? $h : undef;
} 'the crash to be counted';
is($extreme->{crashes}, 1, 'it is counted');
is($extreme->{requests}, 1, 'and its request');
is($extreme->{responses}{'5xx'}, 1, 'with its status');
is($extreme->{latency}{count}, 1, 'and its duration');
my $last = $extreme->{last_crash};
is($last->{signal}, 'SIGSEGV', 'the signal');
is($last->{client}, "127.0.0.2:$port", 'the client');
is($last->{request}, 'GET /crash?do=null&a=<b> HTTP/1.1', 'the request');
cmp_ok(abs($last->{time} - time), '<', 300, 'the time');
ok($daemon->wait_log(qr/\b$last->{pid}\b/), 'the process');
unlike($daemon->get('/?format=json')->{body}, qr/<b>/, 'JSON is escaped');

is($daemon->get('/crash?do=loop')->{status}, 503, 'one takes too long');
my $limits = wait_until { handler('extreme')->{limits} }
    'the limit to be counted';
is($limits, 1, 'the limit is counted');

# A call that is not declared is refused, and ends the process.
is($daemon->get('/hostile?do=connect&with=1')->{status}, 500,
    'one does what the sandbox refuses');
my $hostile = wait_until {
	my $h = handler('hostile');
	return $h->{crashes} ? $h : undef;
} 'the refusal to be counted';
SKIP: {
	skip 'no filter of system calls ends it', 1
	    unless $hostile->{last_crash}{signal} eq 'SIGSYS';
	is($hostile->{sandbox}, 1, 'what the sandbox refuses is counted');
}

# A process that is killed between requests takes none of them with it.
{
	my $before = handler('act')->{requests};
	my $kept = $daemon->connect;
	$kept->request('GET', '/act?do=print%20x') for 1 .. 5;
	my $port = $kept->socket->sockport;
	my ($row) = grep { $_->{client} =~ /:$port$/ } @{status()->{table}};
	is($row->{requests}, 5, 'a connection has had some requests');
	kill KILL => $row->{pid};
	wait_until {
		!grep { $_->{client} =~ /:$port$/ } @{status()->{table}};
	} 'its process to end';
	is(handler('act')->{requests} - $before, 5,
	    'they are counted when its process is killed');
}

my $crashes = handler('extreme')->{crashes};
$daemon->prong('reload');
my $status = status();
$extreme = handler('extreme', $status);
is($status->{generation}{number}, 2, 'another generation');
is($extreme->{crashes}, $crashes,
    'has the crashes of those before');
is($extreme->{limits}, 1, 'and the limits');
is($extreme->{last_crash}{pid} > 0, 1, 'and the last crash');
is($status->{crashes}{extreme}, 0, 'none is its own');
is($daemon->stop, 0, 'the daemon ends well');

done_testing;
