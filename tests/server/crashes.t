# Crashes: each is answered and logged, costs its client a penalty, and after
# too many the generation is replaced while others are served on.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use Test::More;
use Time::HiRes qw(time);

use Prong;
use Prong::Act;
use Prong::Process;

write_file('www/index.html', "hello\n");
my $plugins = Prong::Act::plugin_folder('extreme');

sub serve {
	my ($settings) = @_;
	return start(config("plugin_dir = \"$plugins\";\naccess_log = \"off\";\n"
	    . "$settings\nsites = ( { routes = ( { path = \"/\"; static = { root"
	    . ' = "' . folder('www') . '"; }; }, { path = "/crash"; extreme = '
	    . '{ }; }, { path = "/status"; status = { }; } ); } );'));
}

sub crash {
	my ($daemon, $from) = @_;
	return $daemon->connect(undef, $from)->request('GET', '/crash?do=null');
}

{
	my $daemon = serve('crash_penalty = "5 s"; max_crashes = 0;');
	my $other = $daemon->connect(undef, '127.0.0.3');
	for (1 .. 3) {
		my $answer = crash($daemon, '127.0.0.2');
		is($answer->{status}, 500, "crash $_ is answered 500");
		is($answer->field('Connection'), 'close', 'and the end');
	}
	$daemon->wait_log(qr{127\.0\.0\.2 is refused for 5 s});
	is(crash($daemon, '127.0.0.2')->{status}, 503,
	    'the fourth time the client is refused');
	is($other->request('GET', '/')->{body}, "hello\n",
	    'another client is served on');
	is($daemon->connect(undef, '127.0.0.4')->request('GET', '/')->{status},
	    200, 'and so is one that is new');
	wait_until { crash($daemon, '127.0.0.2')->{status} == 500 }
	    'the end of the penalty';
	pass('the penalty ends');
	like($other->request('GET', '/status')->{body},
	    qr{^crashes      \d of extreme$}m, 'they are counted by handler');
	my $log = $daemon->log;
	like($log, qr{handler extreme of route /crash crashed: SIGSEGV at address .*request "GET /crash\?do=null HTTP/1.1" of 127\.0\.0\.2:\d+},
	    'the log has handler, route, signal, address, request and client');
	my ($offset) = $log =~
	    m{^\Q$plugins\E/extreme\.so\(\+(0x[0-9a-f]+)\) \[0x[0-9a-f]+\]( \S+)?$}m;
	ok($offset, "a line of the backtrace names the plugin's file");
	unlike($log, qr{/proc/self/fd}, 'and none a copy');
	like($log, qr{^\Q$ENV{PRONGD}\E\(\+0x[0-9a-f]+\) \[}m,
	    'and one that of prongd, not its title');
	like($log, qr{^\Q$plugins\E/extreme\.so\(\+0x[0-9a-f]+\) \[0x[0-9a-f]+\] (crash|extreme)\+0x[0-9a-f]+$}m,
	    'with the function that crashed, which no other file can see');
	SKIP: {
		my $where = `addr2line -f -e $plugins/extreme.so $offset 2>&1`;
		skip 'addr2line does not tell functions here', 1
		    unless $? == 0 && $where !~ /^\?\?/;
		like($where, qr/\A(crash|extreme)\n/,
		    'with an offset by which the function is found');
	}
	is($daemon->stop, 0, 'the daemon stops');
}

{
	my $daemon = serve('crash_penalty = "1 s"; max_crashes = 0; '
	    . 'trusted_proxies = "127.0.0.2";');
	crash($daemon, '127.0.0.2') for 1 .. 4;
	is(crash($daemon, '127.0.0.2')->{status}, 500,
	    'a trusted proxy is not punished for its clients');
	is($daemon->stop, 0, 'the daemon stops');
}

{
	my $daemon = serve('crash_penalty = "0 s"; max_crashes = 4; '
	    . 'idle_timeout = "5 min";');
	my ($first) = Prong::Process::children($daemon->pid);
	my $idle = $daemon->connect(undef, '127.0.0.3');
	is($idle->request('GET', '/')->{body}, "hello\n", 'a client is there');
	crash($daemon, '127.0.0.2') for 1 .. 4;
	$daemon->wait_log(qr{generation 2 is ready});
	$daemon->wait_log(qr{generation 1 drains});
	my @generations = Prong::Process::children($daemon->pid);
	ok((grep { $_ != $first } @generations), 'another generation serves');
	my $answer = $idle->request('GET', '/');
	is($answer->{body}, "hello\n", 'an idle connection is not cut');
	is($answer->field('Connection'), 'close',
	    'but told to close when it speaks again');
	$daemon->wait_log(qr{generation 1 has drained});
	is($daemon->connect->request('GET', '/')->{body}, "hello\n",
	    'the new generation answers');
	is($daemon->stop, 0, 'the daemon stops');
}
SKIP: {
	my $pattern = read_file('/proc/sys/kernel/core_pattern');
	skip 'core files do not land in the working folder here', 3
	    if $pattern =~ m{[|/]};
	my $cores = folder('cores');
	chmod 0777, $cores;
	my $daemon = serve("core_dir = \"$cores\"; crash_penalty = \"0 s\";");
	crash($daemon, '127.0.0.2') for 1 .. 3;
	$daemon->wait_log(qr{process \d+ left a core file});
	is($daemon->stop, 0, 'the daemon stops');
	my @files = glob "$cores/core*";
	is(scalar @files, 1, 'a crash leaves a core file');
	cmp_ok(-s ($files[0] || ''), '>', 4096, 'with something in it');
}
done_testing;
