# A handler that keeps a connection to a database: processes that are used again
# connect once, and a database that is away for a while costs statuses 503 and nothing
# else.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use File::Copy qw(copy);
use POSIX ();
use Test::More;
use Time::HiRes qw(sleep time);

use Prong;
use Prong::Load;
use Prong::Postgres;
use Prong::Process;
use Prong::Workers;

my $built = "$ENV{PRONG_BUILDDIR}/examples/handlers/.libs/postgres.so";
plan skip_all => "$built is not built (libpq is missing)" unless -e $built;
my $database = Prong::Postgres->new;
plan skip_all => 'PostgreSQL is not installed' unless $database;

# What a machine with other work still reaches.
my $at_least = 3;

my $plugins = folder('plugins');
copy($built, "$plugins/postgres.so") or die "copy: $!";
my $host = $database->socket_folder;

sub handler_for {
	my ($query) = @_;
	return "postgres = { host = \"$host\"; user = \"postgres\"; "
	    . "database = \"postgres\"; query = \"$query\"; };";
}

sub start_server {
	my $seven = handler_for('SELECT 7');
	my $pid = handler_for('SELECT pg_backend_pid()');
	return start(config(<<"CONF"));
workers = 2; plugin_dir = "$plugins";
sites = ( { routes = (
  { path = "/seven"; processes = { max = 4; requests = 1000000; }; $seven },
  { path = "/session"; processes = { max = 1; requests = 1000;
    queue_timeout = "10 s"; };
    $pid },
  { path = "/own"; process = "own"; $seven } ); } );
CONF
}

sub members {
	my ($daemon) = @_;
	return workers_of($daemon, 'pool ');
}

sub median {
	my @sorted = sort { $a <=> $b } @_;
	return $sorted[$#sorted / 2];
}

# New clients, four at a time; responses a second.
sub rate_of {
	my ($daemon, $path) = @_;
	my $result = Prong::Load->run('-c', 4, '-s', 1, '-p', $path,
	    $daemon->address);
	diag $result->{line} if $result->{errors};
	return ($result->{rps}, $result->{errors});
}

$database->start;

# One connection to the database for all clients of a process.
{
	my $daemon = start_server();
	is($daemon->get('/seven')->{body}, "7\n", 'a value of the database');
	is($daemon->get('/own')->{body}, "7\n",
	    'by a process of the connection, too');
	my %sessions = map { $daemon->get('/session')->{body} => 1 } 1 .. 5;
	is(scalar keys %sessions, 1, 'clients share a session');

	my (%rates, $errors);
	for (1 .. 3) {
		for my $path ('/seven', '/own') {
			my ($rate, $failed) = rate_of($daemon, $path);
			push @{ $rates{$path} }, $rate;
			$errors += $failed;
		}
	}
	is($errors, 0, 'all responses are right');
	my ($reused, $own) = map { median(@{ $rates{$_} }) } '/seven', '/own';
	my $ratio = $reused / $own;
	note sprintf '%.0f responses a second to new clients, %.0f where each '
	    . 'connects to the database: %.1f times as many', $reused, $own,
	    $ratio;
	cmp_ok($ratio, '>', $at_least,
	    "more than $at_least times as many clients are served");
	is($daemon->stop, 0, 'the server stops');
}

# One client after the other, until the file is there: statuses and times.
sub run_clients {
	my ($daemon, $until) = @_;
	my @seen;
	until (-e $until) {
		my $answer = eval { $daemon->request('GET', '/seven') };
		push @seen, sprintf '%.3f %s', time,
		    !$answer ? 'cut' : $answer->{status} != 200 ?
		    $answer->{status} : $answer->{body} eq "7\n" ? 200 :
		    'false';
		sleep 0.002;
	}
	return @seen;
}

sub start_clients {
	my ($daemon, $count, $until) = @_;
	$daemon->address;
	my @pids;
	for my $number (1 .. $count) {
		my $pid = fork // die "fork: $!";
		if ($pid == 0) {
			write_file("seen.$number",
			    join "\n", run_clients($daemon, $until), '');
			POSIX::_exit(0);
		}
		push @pids, $pid;
	}
	return @pids;
}

sub descriptors_of {
	my ($pid) = @_;
	my %descriptors = Prong::Process::descriptors($pid);
	return scalar keys %descriptors;
}

sub helper_of {
	my ($daemon, $kind) = @_;
	my ($pid) = grep { Prong::Process::title($_) =~ /$kind/ }
	    Prong::Process::living(generation_of($daemon));
	return $pid;
}

# The database ends at once, and comes back, while clients are served.
{
	my $daemon = start_server();
	my ($generation, $porter) = (generation_of($daemon),
	    helper_of($daemon, 'porter'));
	my $until = Prong::absolute('enough');
	$daemon->get('/seven');
	my @before = map { descriptors_of($_) } $generation, $porter;
	my @clients = start_clients($daemon, 6, $until);
	my (@gone, @back);
	for (1 .. 2) {
		sleep 0.5;
		$database->stop;
		push @gone, time;
		sleep 1.5;
		$database->start;
		push @back, time;
		wait_until {
			my $answer = $daemon->get('/seven');
			$answer && $answer->{status} == 200
		} 'the database is used again';
		note sprintf 'served again after %.1f s', time - $back[-1];
	}
	sleep 0.5;
	write_file('enough', '');
	waitpid $_, 0 for @clients;

	my (%count, %away);
	for my $number (1 .. @clients) {
		for (split /\n/, read_file("seen.$number")) {
			my ($when, $status) = split ' ';
			$count{$status}++;
			for my $i (0 .. $#gone) {
				$away{$status}++ if $when > $gone[$i] + 1.2 &&
				    $when < $back[$i] - 0.5;
			}
		}
	}
	note join ', ', map { "$_: $count{$_}" } sort keys %count;
	is(join(' ', grep { !/\A(?:200|503)\z/ } sort keys %count), '',
	    'each response is 200 or 503');
	cmp_ok($count{200} || 0, '>', 10, 'some are 200');
	cmp_ok($count{503} || 0, '>', 0, 'some are 503');
	is($away{200} || 0, 0, 'without a database there is no other one');

	is(generation_of($daemon), $generation, 'the generation lives');
	# Its process learns that its connection is broken by the first request.
	wait_until { $daemon->get('/session')->{status} == 200 }
	    'the other pool to serve';
	wait_until { $daemon->connections == 0 } 'the end of all connections';
	wait_until { members($daemon) == own_processes($daemon) }
	    'the end of all other processes';
	my @members = members($daemon);
	cmp_ok(scalar @members, '<=', 5, 'there are no more processes than may be');
	my @now = map { descriptors_of($_) } $generation, $porter;
	wait_until {
		@now = map { descriptors_of($_) } $generation, $porter;
		# Each process has one.
		$now[0] <= $before[0] + 5 && $now[1] <= $before[1]
	} "descriptors to be closed: @before, @now";
	pass('no descriptor is lost');
	wait_until { $database->sessions <= @members }
	    'the end of sessions without a process';
	is($daemon->stop, 0, 'the server stops');
	unlike($daemon->log, qr/status 500|has ended with|crash/,
	    'the log knows of no crash');
	my $lines = () = $daemon->log =~ /error:|warning:/g;
	note "$lines lines in the log";
}

done_testing;
