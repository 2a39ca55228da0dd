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

write_file('www/index.html', "hello\n");
my $config = config('queue_timeout = "60 s"; access_log = "off"; '
    . 'sites = ( { routes = ( { path = "/"; static = { root = "'
    . folder('www') . '"; }; } ); } );');

sub try_without {
	my ($option, $few, $name, $line) = @_;
	my $daemon = start($config);
	my ($generation) = Prong::Process::children($daemon->pid);
	my $before = limit_of($generation, $name);
	my $kept = $daemon->connect;
	$kept->request('GET', '/');
	SKIP: {
		skip "prlimit --$option has no effect", 7
		    if Prong::Process::slurp("/proc/$generation/status")
		    =~ /^Uid:\s+0\b/m || !limit($generation, $option, "$few:");
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
		is($kept->request('GET', '/')->{body}, "hello\n",
		    'a connection from before is served all along');
		limit($generation, $option, "$before:") or die 'prlimit';
		is($waits->answer->{body}, "hello\n",
		    'with them who waits is served, by itself');
		is($also->answer->{body}, "hello\n",
		    'so is another who waits');
		is($daemon->get('/')->{body}, "hello\n",
		    'and who comes after');
		is_deeply([ Prong::Process::children($daemon->pid) ],
		    [ $generation ], 'nothing has exited');
	}
	is($daemon->stop, 0, 'the daemon stops');
}

try_without('nofile', 4, 'Max open files',
    qr/cannot accept a connection: Too many open files/);
try_without('nproc', 1, 'Max processes',
    qr/cannot fork a process for a connection: Resource temporarily/);
done_testing;
