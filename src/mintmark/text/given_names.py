"""Common given names of some twenty languages, in Latin letters: with a capital, what `pii_context.py` takes for a person without any word around it.

Own compilation from general knowledge of common names, beside those of gender_words.py. Left out on purpose: names that are words, months, places or
brands as well (Mark, Grace, May, Florence, Paris, Mercedes), since a name list should not find what is none. Most people of the world are not on it.
"""

from __future__ import annotations

from .gender_words import NAMES

_MORE = """
    Aaron Abigail Adam Adrian Adrienne Aidan Alan Albert Alec Alexander Alexandra Alexis Alfred Alice Alicia Alison Allison Alyssa Amanda Amelia Amy Andrea
    Andrew Angela Angelina Anita Ann Anna Anne Annie Anthony Arthur Audrey Barbara Beatrice Benjamin Bernard Beth Bethany Betty Beverly Bobby Bonnie Bradley
    Brandon Brenda Brian Bridget Brittany Bruce Bryan Caitlin Cameron Carl Carla Carol Caroline Carolyn Catherine Cathy Cecilia Charles Charlie Cheryl
    Chloe Chris Christian Christina Christine Christopher Cindy Claire Clara Colin Connor Courtney Craig Crystal Cynthia Daniel Danielle Danny David Deborah
    Debra Denise Dennis Derek Diana Diane Dominic Donald Donna Doris Dorothy Douglas Dylan Edith Edward Edwin Eileen Elaine Eleanor Elena Elizabeth Ella
    Ellen Emily Emma Eric Erica Erin Ethan Eugene Eva Evan Evelyn Fiona Frances Fred Frederick Gabriel Gary Gavin Geoffrey George Gerald Gerard
    Gillian Gina Gloria Gordon Graham Greg Gregory Hannah Harold Harriet Harry Heather Helen Henry Herbert Holly Howard Hugh Ian Irene Isaac Isabel Isabella
    Jack Jackie Jacob Jacqueline Jake James Jamie Jane Janet Janice Jason Jeff Jeffrey Jennifer Jenny Jeremy Jerry Jesse Jessica Jill Jim Jimmy Joan Joanna
    Joanne Joe Joel John Johnny Jonathan Joseph Joshua Joyce Juan Judith Judy Julia Julian Julie Justin Karen Kate Katherine Kathleen Kathryn Kathy Katie
    Kayla Keith Kelly Kenneth Kevin Kim Kimberly Kristen Kristin Kyle Larry Laura Lauren Lawrence Leah Leo Leon Leonard Leslie Liam Linda Lisa Logan Lori
    Louis Louise Lucas Lucy Luke Lynn Madeline Malcolm Margaret Maria Marie Marilyn Marjorie Martha Martin Mary Matthew Maureen Megan Melanie Melissa Michael
    Michelle Mike Mildred Molly Monica Nancy Naomi Natalie Nathan Nathaniel Neil Nicholas Nicola Nicole Nigel Nina Noah Nora Oliver Olivia Oscar Owen Pamela
    Patricia Patrick Paul Paula Peggy Peter Phil Philip Phillip Phyllis Rachel Ralph Randy Raymond Rebecca Renee Rhonda Richard Rick Rita Robert Roberta
    Robin Rodney Roger Ronald Rosemary Roy Russell Ruth Ryan Sally Sam Samantha Samuel Sandra Sara Sarah Scott Sean Sharon Sheila Shirley Simon Sophia
    Sophie Stacy Stanley Stella Stephanie Stephen Steve Steven Stuart Susan Suzanne Sylvia Tamara Tammy Tara Ted Terence Teresa Terri Terry Theodore Theresa
    Thomas Tiffany Tim Timothy Tina Todd Tom Tommy Tony Tracy Travis Trevor Tyler Valerie Vanessa Veronica Vincent Vivian Walter Wanda Wayne Wendy William
    Zachary Zoe
    Anja Andreas Annette Astrid Bernd Birgit Björn Brigitte Christa Christoph Claudia Daniela Dieter Dirk Elke Erich Erik Erika Ernst Felix Florian Franz Frieda
    Friedrich Fritz Gabriele Georg Gerhard Gerda Gisela Greta Günter Günther Hans Heike Heinrich Heinz Helga Helmut Herrmann Hermann Hildegard Holger Horst Inge Ingrid Ines
    Jens Joachim Johann Johanna Johannes Jonas Josef Jörg Jürgen Jutta Kai Karin Karl Karsten Katharina Katja Katrin Kerstin Klaus Konrad Kurt Lars Lena Leonie
    Lothar Lukas Manfred Manuela Marcel Marianne Markus Martina Mathias Matthias Maximilian Moritz Monika Nadine Niklas Olaf Otto Petra Rainer Ralf Reinhard
    Renate Rolf Rudolf Rüdiger Sabine Sascha Silke Simone Sonja Stefan Stefanie Steffen Susanne Sven Tanja Thorsten Tobias Torsten Ulrich Ulrike Ursula
    Ute Uwe Volker Werner Wilhelm Wolfgang
    Adèle Agnès Alain Amélie Anaïs André Antoine Arnaud Aurélie Baptiste Benoît Brigitte Bruno Camille Capucine Cécile Cédric Céline Chantal Claude Clément Clémence
    Corinne Damien Delphine Didier Dominique Édouard Élodie Émile Émilie Emmanuel Étienne Fabien Fabrice Françoise François Frédéric Gaëlle Gaël Geneviève
    Georges Gérard Gilles Guillaume Guy Hélène Henri Hervé Hugo Inès Isabelle Jacques Jean Jérôme Jeanne Joséphine Josette Julien Laetitia Laurent Léa Luc Lucie Ludovic
    Madeleine Manon Marc Marcel Margaux Margot Marguerite Marine Marion Mathieu Mathilde Maurice Michel Michèle Monique Nathalie Nicolas Noémie Océane Odette Olivier
    Pascal Patrice Pauline Philippe Pierre Rémi Rémy René Romain Sandrine Sébastien Serge Solange Stéphane Stéphanie Sylvain Sylvie Théo Thérèse Thibault Thierry
    Valentin Valérie Vincent Virginie Xavier Yann Yves Yvette Yvonne
    Adriana Agustín Alba Alberto Alejandra Alejandro Alfonso Alfredo Alonso Álvaro Amparo Ana Andrés Ángel Ángela Antonio Antonia Arturo Beatriz Begoña Belén
    Benito Camila Carlos Carlota Carmen Catalina Celia César Claudia Concepción Cristian Cristina Cristóbal Diego Dolores Eduardo Elena Elisa Emilio Enrique
    Ernesto Esteban Esther Eugenia Fátima Federico Felipe Fernanda Fernando Francisca Francisco Gabriela Gerardo Gonzalo Graciela Gregorio Guadalupe Guillermo Gustavo
    Héctor Hernán Ignacio Inés Irene Isidro Ismael Iván Jaime Javier Jerónimo Jesús Joaquín Jorge José Josefa Josefina Juana Julio Laura Leandro Leonor Leticia Lidia
    Lorena Lorenzo Lourdes Lucía Luis Luisa Luisina Luz Magdalena Manuel Marcela Marcelo Marcos Margarita María Mariana Mariano Marina Mario Marta Martín Mateo Matías
    Mauricio Miguel Mónica Montserrat Natalia Nicolás Noelia Nuria Óscar Pablo Paloma Patricio Pedro Pilar Rafael Ramiro Ramón Raquel Raúl Rebeca Ricardo Roberto
    Rocío Rodrigo Rodolfo Rosario Rubén Salvador Sebastián Sergio Silvia Sofía Soledad Susana Teodoro Tomás Valentina Vicente Víctor Ximena Yolanda
    Alessandra Alessandro Alessia Alessio Angelo Anselmo Antonella Arianna Aurora Beatrice Benedetta Caterina Chiara Cinzia Claudio Cosimo Cristiano Daniele Dario
    Davide Domenico Donatella Donato Edoardo Eleonora Elisabetta Emanuele Enrico Enzo Eugenio Fabio Fabrizio Federica Filippo Flavio Francesca Francesco Gabriella
    Gaetano Giacomo Gian Gianluca Gianni Gino Giorgia Giorgio Giovanna Giovanni Giulia Giuliano Giulio Giuseppe Giuseppina Ilaria Jacopo Laura Letizia Liliana Livia Lorenza
    Luca Luciano Ludovica Luigi Manuela Marcello Marco Massimiliano Massimo Matilde Matteo Maurizio Mattia Michela Michele Nicolò Nicola Ornella Paola Paolo Piero
    Pietro Pierluigi Raffaele Riccardo Rocco Romeo Rosaria Rosa Salvatore Serena Silvana Stefania Stefano Teresa Tiziana Tommaso Umberto Valeria Vittorio Vittoria
    Aleksandra Aleksander Andrzej Barbara Beata Bartosz Bogdan Bożena Cezary Czesław Danuta Dariusz Dawid Dominika Dorota Elżbieta Ewa Filip Franciszek Grażyna
    Grzegorz Halina Hanna Henryk Irena Iwona Jacek Jadwiga Jakub Janina Janusz Jarosław Jerzy Joanna Jolanta Józef Julita Kacper Kamil Karolina Kazimierz Katarzyna
    Kinga Krystyna Krzysztof Leszek Łukasz Maciej Magdalena Małgorzata Marcin Marek Mariusz Mateusz Marzena Michał Mikołaj Mirosław Natalia Paweł Patryk Piotr
    Przemysław Radosław Rafał Renata Robert Roman Ryszard Sławomir Stanisław Sylwia Szymon Tadeusz Tomasz Urszula Wanda Weronika Wiesław Wiesława Wisława Władysław
    Wojciech Zbigniew Zdzisław Zofia Zuzanna
    Agnieszka Anders Anneke Annika Arvid Axel Åsa Bas Bengt Birgitta Bjørn Bram Britta Carina Cees Daan Dagmar Ebba Eero Eino Elin Elsa Emil Erkki Eskil Espen Fleur Freja Frida Fredrik Gerrit
    Geir Göran Gunilla Gunnar Gustaf Gustav Håkan Halldór Hanne Harald Hedda Helle Hendrik Henk Henrik Hilde Ida Inga Inger Ingeborg Iris Jaap Jari Jarmo Jeroen Jesper Johan Joost Jorma
    Jouni Juha Kaisa Karl-Erik Kari Kasper Katrine Kees Kirsten Kjell Knut Kristian Kristina Kristoffer Lasse Leena Leif Lennart Liisa Linnea Lotte Maarten Maija Maj Malin Marieke
    Marit Marja Marjolein Matti Mette Mikael Mikkel Mikko Minna Morten Nils Noor Olav Ole Olof Outi Paavo Pär Pekka Pelle Pernilla Per Pieter Pirjo Pirkko Ragnar Rasmus Rikke Ruud
    Saara Sander Sanna Sanne Sigrid Signe Simo Sjoerd Søren Sofie Solveig Staffan Stijn Stina Svein Tapio Terje Thijs Timo Tiina Tone Torbjörn Tor Tove Trine Tuula Tyra Ulf Ulla
    Veikko Vibeke Viggo Vilhelm Wim Wouter Yngve
    Afonso Aline Anabela Antônio António Beatriz Bento Caio Catarina Cláudio Cláudia Duarte Édson Fabiana Fábio Fernanda Flávia Gabriel Gonçalo Heitor Henrique Iara Inês Isadora
    Joana João Joaquim Juliana Larissa Letícia Lívia Luana Lúcia Luiz Luiza Marcela Márcia Márcio Mateus Matheus Miguel Murilo Otávio Paulo Rafaela Renan Renato Rogério Sofia
    Tânia Tatiana Thiago Tiago Vinícius Vitor Vitória Yasmin
    Alexei Alexey Aleksei Anastasia Andrei Andrey Anton Artem Boris Daria Denis Dimitri Dmitri Dmitry Ekaterina Evgeny Fyodor Galina Gennady Igor Ilya Irina Ivan Katya Kirill
    Konstantin Ksenia Larisa Leonid Lyudmila Maksim Maxim Mikhail Nadezhda Natalya Natasha Nikita Nikolai Oksana Oleg Olga Pavel Polina Roman Ruslan Sergei Sergey Stanislav Svetlana
    Tatyana Vadim Valentina Valery Vasily Vera Viktor Viktoria Vitaly Vladimir Vladislav Vsevolod Vyacheslav Yaroslav Yegor Yekaterina Yelena Yevgeny Yulia Yuri Yury Zinaida
    Balázs Béla Dániel Dóra Éva Erzsébet Ferenc Gábor Gergely György Gyula Ildikó István János Judit Kálmán Katalin Krisztián Krisztina László Levente Márta Miklós Péter Piroska Réka
    Sándor Szabolcs Tamás Tibor Zoltán Zsolt Zsófia Zsuzsanna Bohumil Dagmar Eliška František Hana Ivana Jana Jaroslav Jiří Jitka Josef Kateřina Ladislav Lenka Ludmila Luděk Marcela Matěj Miloš
    Miroslav Ondřej Petr Radek Radka Stanislava Šárka Tomáš Václav Vladislava Vojtěch Zdeněk Zdeňka Zuzana Ante Bojan Boštjan Damir Dejan Dragan Dragana Dušan Goran Gordana Ivica Jelena Jovana Jovan
    Jožef Jože Luka Ljiljana Marija Marko Milan Milica Mirjana Miroslava Nebojša Nemanja Nenad Nikola Nikolaj Petar Predrag Slobodan Snežana Stjepan Tihomir Tomislav Vesna Vlado Zdravko Zoran Željko
    Aisha Abdul Abdullah Ahmad Ahmed Ali Amina Amir Anwar Ayesha Bilal Farid Fatima Fatma Habib Hamid Hamza Hana Hasan Hassan Hussein Ibrahim Idris Imran Ismail Jamal Jamila Kareem Karim Khaled Khalid
    Khadija Layla Leila Mahmoud Malik Mariam Maryam Mehmet Mohamed Mohammad Mohammed Muhammad Mustafa Nadia Nasser Noura Omar Osman Rania Rashid Salma Samir Samira Tariq Usman Yousef Youssef Yusuf Zahra
    Zainab Zeynep Ayşe Emre Elif Merve Murat Aarav Aditi Aditya Ajay Akash Amit Anand Anil Anjali Arjun Arun Ashok Deepak Deepika Divya Ganesh Gaurav Harish Indira Kavita Kiran Krishna Lakshmi Lalita
    Mahesh Manish Meera Mohan Mukesh Naveen Neha Nikhil Nisha Pooja Pradeep Prakash Pranav Prasad Priya Rahul Rajesh Rajiv Ramesh Ravi Rekha Rohan Rohit Sandeep Sanjay Sanjeev Shreya Sunil Sunita Suresh
    Swati Vijay Vikram Vinod Vishal Vivek Akira Asuka Ayumi Daisuke Haruka Haruki Hideo Hiroshi Hiroko Kazuo Keiko Kenji Kenta Kumiko Makoto Mariko Masako Megumi Michiko Naoki Noriko Ryota Sakura Satoshi
    Shinji Takashi Takeshi Tomoko Tomomi Yoko Yoshiko Yuki Yumi Yusuke Abebe Adebayo Akinyi Amara Babajide Chidi Chinedu Chioma Emeka Folake Kofi Kwame Kwesi Nneka Ngozi Obinna Oluwaseun Temitope Thandiwe
    Uche Wanjiku Zola Nguyen Thi Minh Linh Huong Quang Tuan Jiayi Junjie Mei Wei Xiaoming Yifan Jisoo Minho Seojun Siobhan Sinéad Niamh Oisín Padraig Ciarán Cormac Eoin Aoife Maeve Fergus Angus Ewan
    Hamish Callum Eilidh Rhys Gareth Dafydd Angharad Bronwen Eleni Dimitris Giorgos Ioanna Kostas Nikos Panagiotis Sofia Spyros Stavros Vasilis Yannis
"""
AMBIGUOUS = frozenset(
    "Angel Angelo Aurora Bas Bento Claude Crystal Diana Dolores Guadalupe Guy Holly Iris Jesse Jordan Kai Kim Logan Luz Marina Marine Max Mei Noor Per Pilar Rosa Roman"
    " Rosario Salvador San Santiago Serena Soledad Thi Tone Tor Victoria Virginia Wei Zola Alba Camille Celia Chelsea Dale Dawn Drew Elsa Gene Gloria Grant Hope"
    " Jean Joy June Kelly Lance Lee Madison Mercedes Miles Montserrat Nguyen Paloma Pat Pearl Ray Robin Rocío Ruby Sally Stanley Wayne Sakura Amber Austin".split()
)
GIVEN_NAMES = frozenset(n for n in (*_MORE.split(), *(n for pair in NAMES for n in pair)) if n not in AMBIGUOUS)
