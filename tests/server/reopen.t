# Rotation of logs: prong reopen returns when the old files are complete, and no
# line is lost or torn.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use Test::More;
use Time::HiRes qw(time);

use Prong;
use Prong::Load;
use Prong::Process;

my $file = write_file('www/a.txt', "a\n" x 30);
my $logs = folder('log');
my $access = "$logs/access.log";
my $errors = "$logs/error.log";
my $config = config("access_log = \"$access\"; error_log = \"$errors\";\n"
    . "max_connections_per_client = 0; idle_timeout = \"60 s\";\n"
    . 'sites = ( { routes = ( { path = "/"; static = { root = "'
    . folder('www') . '"; }; } ); } );');
my $daemon = start($config, { log => $errors });

sub lines {
	my ($path) = @_;
	return -e $path ? read_file($path) =~ tr/\n// : 0;
}

sub rotate {
	my ($number) = @_;
	rename $access, "$access.$number" or die "$access: $!";
	rename $errors, "$errors.$number" or die "$errors: $!";
	return;
}

# Who has a file open, of the daemon's processes.
sub holders {
	my ($path) = @_;
	return grep { my %open = Prong::Process::descriptors($_);
	    grep { $_ eq $path } values %open }
	    Prong::Process::tree_with_logs($daemon->pid);
}

# A kept connection goes on, and needs no end: only the log process has files.
{
	my $idle = $daemon->connect;
	$idle->request('GET', '/a.txt');
	wait_until { lines($access) == 1 } 'its line';
	rotate(1);
	is($daemon->prong('reopen')->{status}, 0,
	    'prong reopen does not wait for an idle connection');
	is(lines("$access.1"), 1, 'the old log is complete');
	is_deeply([ holders("$access.1"), holders("$errors.1") ], [],
	    'and nobody has the old logs open');
	my ($generation) = Prong::Process::children($daemon->pid);
	is_deeply([ holders($access) ],
	    [ sort { $a <=> $b } $daemon->pid, $generation,
	    Prong::Process::log_process($generation) ],
	    'no connection has the new one');
	my $answer = $idle->request('GET', '/a.txt');
	isnt($answer->field('Connection') || '', 'close',
	    'the idle connection is kept');
	is($daemon->get('/a.txt')->{status}, 200, 'and there are new ones');
	wait_until { -e $access && lines($access) == 2 } 'all lines';
	pass('both write to the new log');
	is(lines("$access.1"), 1, 'and neither to the old one');
	$idle->close;
	like(read_file($errors), qr/the logs are open anew/,
	    'the new error log is in use');
	ok((stat $errors)[1] != (stat "$errors.1")[1], 'and another file');
}

# SIGUSR1 does it without waiting.
{
	rotate(2);
	$daemon->kill('USR1');
	# The generation has them a moment after the master has made them.
	wait_until { $daemon->get('/a.txt'); -e $access && lines($access) }
	    'a line in the new log';
	pass('SIGUSR1 opens the logs anew');
}

# Under load every request has its line, in one file or another.
{
	# Those of requests before, first.
	is($daemon->prong('reopen')->{status}, 0, 'all lines are written');
	my $load = Prong::Load->start('-k', '-c', 6, '-s', 300, '-b', $file,
	    '-p', '/a.txt', $daemon->address);
	my $before = lines($access);
	my $until = time + 1;
	my @complete;
	for my $number (3 .. 9) {
		wait_until { lines($access) >= 20 } 'some lines';
		rotate($number);
		my $run = $daemon->prong('reopen');
		is($run->{status}, 0, "rotation $number under load");
		push @complete, [ $number, lines("$access.$number") ];
		last if time > $until;
	}
	my $result = $load->stop;
	is($result->{errors} + $result->{connect} + $result->{status}
	    + $result->{mismatch}, 0, 'no request is lost')
	    or diag $result->{line};
	wait_until {
		!Prong::Process::children((Prong::Process::children(
		    $daemon->pid))[0])
	} 'the end of all connections';
	is($daemon->prong('reopen')->{status}, 0, 'everybody has let go');
	my @now = map { [ $_->[0], lines("$access.$_->[0]") ] } @complete;
	is_deeply(\@now, \@complete,
	    'a file gets no line after prong reopen has returned');
	my $all = '';
	$all .= read_file($_) for $access, map { "$access.$_->[0]" }
	    @complete;
	my $good = () = $all =~ m{^127\.0\.0\.1 .* "GET /a\.txt HTTP/1\.1" }mg;
	is($good, $all =~ tr/\n//, 'no line is torn');
	cmp_ok($good, '>=', $result->{requests},
	    'and every request that was answered has one');
	cmp_ok($good, '<=', $result->{requests} + $before + 6,
	    'and no more');
}

# After a reload both the new and the draining generation take the new logs.
{
	my $idle = $daemon->connect;
	$idle->request('GET', '/a.txt');
	is($daemon->prong('reload')->{status}, 0, 'a reload');
	rotate(20);
	my $pid = fork // die "fork: $!";
	unless ($pid) {
		POSIX::_exit($daemon->prong('reopen')->{status});
	}
	wait_until { -e $access } 'the new log';
	is($idle->request('GET', '/a.txt')->{status}, 200,
	    'a connection of the generation before is served');
	waitpid $pid, 0;
	is($?, 0, 'prong reopen succeeds');
	is_deeply([ holders("$access.20") ], [], 'nobody has the old log');
}

# What cannot be opened changes nothing.
{
	rotate(30);
	mkdir $access or die "$access: $!";
	my $run = $daemon->prong('reopen');
	is($run->{status}, 1, 'a log that cannot be opened fails');
	like($run->{errors}, qr{^error: .*\Q$access\E}m, 'and is named');
	is($daemon->get('/a.txt')->{status}, 200, 'the server goes on');
	ok(wait_until { lines("$access.30") }, 'with the old log');
	rmdir $access;
}
is($daemon->stop, 0, 'the daemon stops');

done_testing;
