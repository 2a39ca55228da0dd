# Too few descriptors or processes: one line in the log, a pause, and recovery
# by itself. The limits of the running generation are changed by prlimit.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use IO::Select;
use POSIX ();
use Test::More;

use Prong;
use Prong::Process;

# The same user may, root perhaps not: not in every container.
sub limit {
	my ($pid, $what, $value) = @_;
	my $status = Prong::Process::slurp("/proc/$pid/status");
	my ($uid) = $status =~ /^Uid:\s+(\d+)/m;
	my ($gid) = $status =~ /^Gid:\s+(\d+)/m;
	my $child = fork;
	defined $child or die "fork: $!";
	unless ($child) {
		$( = $gid;
		$) = "$gid $gid";
		POSIX::setuid($uid);
		open STDERR, '>', '/dev/null';
		exec 'prlimit', '--pid', $pid, "--$what=$value"
		    or POSIX::_exit(127);
	}
	waitpid $child, 0;
	return $? == 0;
}

sub limit_of {
	my ($pid, $name) = @_;
	my ($value) = Prong::Process::slurp("/proc/$pid/limits")
	    =~ /^\Q$name\E +(\S+)/m;
	return $value;
}

plan skip_all => 'prlimit of util-linux is needed'
    unless limit($$, 'core', '0:');

# Who accepts is the generation, or a worker.
my %configs = map { $_ => config('queue_timeout = "60 s"; access_log = "off"; '
    . 'sites = ( { routes = ( { path = "/"; echo = { }; } ); } );',
    workers => $_) } 0, 1;

# The number of the next descriptor that the process opens. A handler without
# folders is served, as the kernel lets nobody wait for more descriptors than its
# limit, and folders have a helper that is waited for.
sub next_descriptor {
	my %open = Prong::Process::descriptors(shift);
	my $number = 0;
	$number++ while $open{$number};
	return $number;
}

sub try_without {
	my ($workers, $option, $few, $name, $line) = @_;
	my $daemon = start($configs{$workers});
	my ($generation) = Prong::Process::children($daemon->pid);
	my $limited = $generation;
	wait_until { ($limited) = Prong::Process::workers($generation) }
	    'a worker' if $workers;
	my $before = limit_of($limited, $name);
	my $kept = $daemon->connect;
	$kept->request('GET', '/');
	$few = next_descriptor($limited) unless defined $few;
	SKIP: {
		skip "prlimit --$option has no effect", 7
		    if Prong::Process::slurp("/proc/$limited/status")
		    =~ /^Uid:\s+0\b/m || !limit($limited, $option, "$few:");
		my $waits = $daemon->connect;
		$waits->send(Prong::request('GET', '/'));
		$daemon->wait_log($line);
		my $also = $daemon->connect;
		$also->send(Prong::request('GET', '/'));
		ok(!IO::Select->new($waits->socket)->can_read(0.5),
		    "without $name a client waits");
		my @lines = $daemon->log =~ /$line/g;
		is(scalar @lines, 1,
		    'one line in the log, not one for each attempt');
		is($kept->request('GET', '/')->{status}, 200,
		    'a connection from before is served all along');
		limit($limited, $option, "$before:") or die 'prlimit';
		is($waits->answer->{status}, 200,
		    'with them who waits is served, by itself');
		is($also->answer->{status}, 200,
		    'so is another who waits');
		is($daemon->get('/')->{status}, 200,
		    'and who comes after');
		is_deeply([ Prong::Process::children($daemon->pid) ],
		    [ $generation ], 'nothing has exited');
	}
	is($daemon->stop, 0, 'the daemon stops');
}

try_without($_, 'nofile', undef, 'Max open files',
    qr/cannot accept a connection: Too many open files/) for 0, 1;
try_without(0, 'nproc', 1, 'Max processes',
    qr/cannot fork a process for a connection: Resource temporarily/);
done_testing;
