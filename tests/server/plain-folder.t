# prongd DIR, a folder without configuration; and what a wrong command line says.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use IO::Socket::INET;
use Test::More;

use Prong;

my $site = folder('plain');
write_file("$site/a.txt", "a\n");
write_file("$site/flag", "my flag\n");
write_file("$site/status/index.html", "my status\n");
write_file("$site/.secret", "hidden\n");
write_file("$site/.git/config", "hidden\n");

sub serve {
	return start(undef, '-P', $ENV{PRONG_PLUGINS}, @_, $site);
}

{
	my $daemon = serve('-p', 0);
	my $port = $daemon->port;
	like($daemon->address, qr/\A127\.0\.0\.1:/, '-p is a port of loopback');
	is(eval { $daemon->wait_log(
	    qr{serving \Q$site\E at (http://127\.0\.0\.1:$port/)}) },
	    "http://127.0.0.1:$port/", 'the log has the URL');
	my $answer = $daemon->get('/');
	is($answer->{status}, 200, 'a folder without index is listed');
	like($answer->{body}, qr/a\.txt/, 'with its files');
	unlike($answer->{body}, qr/secret|\.git/, 'without hidden ones');
	is($daemon->get('/.secret')->{status}, 404, 'which are not served');
	is($daemon->get('/flag')->{body}, "my flag\n",
	    'a file called flag is a file');
	is($daemon->get('/status/')->{body}, "my status\n",
	    'a folder called status is a folder');
	is($daemon->stop, 0, 'the daemon ends well');
	my @said = $daemon->log =~ /(serving \S+ at)/g;
	is(scalar @said, 1, 'the URL is told once');
}

{
	my $daemon = serve('-l', '0.0.0.0:0');
	my ($port) = $daemon->address =~ /(\d+)\z/;
	is($daemon->get('/')->{status}, 403,
	    'where others can connect nothing is listed');
	is($daemon->get('/a.txt')->{status}, 200, 'and files are served');
	$daemon->log_like(qr{at http://127\.0\.0\.1:$port/},
	    'the URL is one that a browser can open');
	is($daemon->stop, 0, 'the daemon ends well');
}

# A port that somebody has.
{
	my $daemon = serve('-p', 0);
	my $run = prongd('-P', $ENV{PRONG_PLUGINS}, '--control', 'off', '-p',
	    $daemon->port, $site);
	is($run->{status}, 1, 'a port that is in use fails the start');
	my $pid = $daemon->pid;
	like($run->{errors}, qr/in use: prongd \(process $pid\) listens there; /,
	    'and the log says by whom');
	$run = prongd('-P', $ENV{PRONG_PLUGINS}, '--control', 'off', '-l',
	    '0.0.0.0:' . $daemon->port, $site);
	like($run->{errors}, qr/in use: prongd \(process $pid\) listens there; /,
	    'also where it listens at one address of all');
	is($daemon->stop, 0, 'the daemon ends well');
}

for my $case ([ [ '-p', 'x' ], qr/x: is no port; .*-P names/ ],
    [ [ '-p', '65536' ], qr/65536: is no port/ ],
    [ [ '-p', '' ], qr/is no port/ ],
    [ [ '--nonsense' ], qr/nonsense/ ],
    [ [ $site, $site ], qr/a second folder/ ]) {
	my ($arguments, $says) = @$case;
	my $run = prongd(@$arguments);
	is($run->{status}, 2, "prongd @$arguments is a mistake");
	like($run->{errors}, qr/\A[^\n]*$says[^\n]*\n[^\n]*--help[^\n]*\n\z/,
	    'which two lines say');
}
like(prongd('--help')->{output}, qr/\Ausage: prongd /, 'there is help');

done_testing;
