# The example that authors copy: built from the tree, loaded, and asked with the
# sandbox on.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use File::Copy qw(copy);
use Prong;
use Test::More;

my $built = "$ENV{PRONG_BUILDDIR}/examples/handlers/.libs/template.so";
plan skip_all => "$built is not built" unless -e $built;

# Authors have a folder of their own.
my $folder = folder('plugins');
copy($built, "$folder/template.so") or die "copy: $!";
my $text = write_file('www/news.txt', "All is well.\n");
utime 1_000_000_000, 1_000_000_000, $text;

sub route {
	my ($options) = @_;
	return config("plugin_dir = \"$folder\";\nsites = ( { routes = ( "
	    . "{ path = \"/\"; template = { $options }; } ); } );");
}

sub refused {
	my ($title, $options, $message) = @_;
	my $run = prongd('-t', '-c', route($options));
	isnt($run->{status}, 0, "$title is an error");
	like($run->{errors}, qr/prongd\.conf:\d+.*$message/, 'at its line');
	return;
}

my $config = route("file = \"$text\";");
my $answer = get($config, '/');
is($answer->{status}, 200, 'the template answers');
is($answer->{body}, "News\n\nAll is well.\n",
    'with its title and the text of its file');
is($answer->field('Content-Type'), 'text/plain; charset=utf-8', 'as text');
is($answer->field('Last-Modified'), 'Sun, 09 Sep 2001 01:46:40 GMT',
    'of the age of the file');
like(get(route("file = \"$text\"; title = \"Today\";"), '/')->{body},
    qr/^Today\n/, 'the title is an option');
is(ask($config, 'HEAD', '/')->{body}, '', 'HEAD has no content');
is(ask($config, 'POST', '/')->{status}, 405, 'POST is not allowed');

my @answers = responses(once($config, request('GET', '/') x 2));
is(join(' ', map { $_->field('X-Request-Number') } @answers), '1 2',
    'its state counts the requests of a connection');
is(ask($config, 'GET', '/',
    [ 'If-Modified-Since: Sun, 09 Sep 2001 01:46:40 GMT' ])->{status}, 304,
    'the server answers conditional requests');

is(get(route("file = \"$text\"; max_size = 5;"), '/')->{status}, 500,
    'a file that is too large is an error');
unlink $text or die "unlink: $!";
refused('a file that is not there', "file = \"$text\";", 'file');
refused('no file', 'title = "Today";', 'file');
$text = write_file('www/news.txt', "All is well.\n");
refused('a title of two lines', "file = \"$text\"; title = \"a\\nb\";",
    'title.*single line');

done_testing;
